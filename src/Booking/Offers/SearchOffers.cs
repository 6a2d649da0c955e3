using System.ComponentModel;
using BookSaga.Contracts;
using BookSaga.Hosting.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;
using Npgsql;
using NpgsqlTypes;

namespace BookSaga.Booking.Offers;

/// <summary>
/// GET /offers (no token) and GET /customer/offers: open offers of active companies, ascending by datetime, price or distance. All of <c>service_id</c>
/// (a parent category includes its children), <c>from</c> and <c>to</c> (RFC 3339, both inclusive), words, company, price and place may be left out. With
/// <c>near</c> each offer has its <c>distance_km</c>.
/// </summary>
/// <remarks>400 invalid request: a parameter that is not what it should be.</remarks>
internal static class SearchOffers
{
    /// <summary>A page of a category or of all, in the order of time.</summary>
    internal const string Sql = "SELECT * FROM search_offers($1, $2, $3, $4, $5)";

    internal static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/offers", HandleAsync).WithSummary("Search open offers without signing in").AllowAnonymous();
        routes.MapGet("/customer/offers", HandleAsync).WithSummary("Search open offers");
    }

    private static async Task<Ok<List<Offer>>> HandleAsync(
        [AsParameters] SearchParameters search,
        [Description("datetime (unless given), price or distance, which needs near; always ascending.")] string? sort,
        Page page, Language language, CatalogueQueries catalogue, IOptions<BookingOptions> options, TimeProvider time, CancellationToken ct)
    {
        DateTimeOffset first = search.First(DateTimeOffset.UnixEpoch);
        DateTimeOffset last = search.Last();
        // Offers whose time has passed cannot be booked, so they are not found either; and the unsold ones of years are not read.
        if (!options.Value.AllowPast && first < time.GetUtcNow())
        {
            first = time.GetUtcNow();
        }
        ListingFilter filter = search.Filter();
        SearchOrder order = Order(sort, filter);
        if (!filter.IsCategoryAlone || order != SearchOrder.Datetime)
        {
            return TypedResults.Ok(await FilteredSearch.RunAsync(filter, order, first, last, page, language.Code, catalogue, ct));
        }
        return TypedResults.Ok(await catalogue.PreparedAsync(Sql, row => OfferRow.Public(row, language.Code), ct, Category(filter.ServiceId), first, last, page.Limit, page.Offset));
    }

    /// <summary>The first argument of <see cref="Sql"/>: with a type also when it is null, since a text is prepared for one list of types.</summary>
    internal static NpgsqlParameter Category(int? service) => new() { NpgsqlDbType = NpgsqlDbType.Integer, Value = service is { } id ? id : DBNull.Value };

    private static SearchOrder Order(string? sort, ListingFilter filter) => sort switch
    {
        null or "" or "datetime" => SearchOrder.Datetime,
        "price" => SearchOrder.Price,
        "distance" when filter.Near is not null => SearchOrder.Distance,
        "distance" => throw new InvalidParameterException("sort=distance needs near"),
        _ => throw new InvalidParameterException("sort must be datetime, price or distance"),
    };
}
