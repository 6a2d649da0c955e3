using System.ComponentModel;
using BookSaga.Contracts;
using BookSaga.Hosting.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;

namespace BookSaga.Booking.Offers;

/// <summary>
/// GET /offers (no token) and GET /customer/offers: open offers of active companies, ascending by datetime, price or distance. All of <c>service_id</c>
/// (a parent category includes its children), <c>from</c> and <c>to</c> (RFC 3339, both inclusive), words, company, price and place may be left out. With
/// <c>near</c> each offer has its <c>distance_km</c>.
/// </summary>
/// <remarks>400 invalid request: a parameter that is not what it should be.</remarks>
internal static class SearchOffers
{
    // Each offer of the page by its keys (OFFSET 0 keeps it apart): a plan that is kept for pages of any length expects a tenth of all that fits, and would read
    // every company for it.
    private const string PageSql = "SELECT v.* FROM page CROSS JOIN LATERAL (SELECT * FROM offer_view o WHERE o.id = page.id OFFSET 0) v ORDER BY v.datetime, v.id";

    // The page's ids from the index alone, so that a deep page reads no offer before it; then the offers. Companies that are not active are few.
    internal const string AllSql = $"""
        WITH page AS (
            SELECT id FROM offer
            WHERE is_open AND datetime >= $1 AND datetime <= $2 AND company_id <> ALL (ARRAY(SELECT id FROM company WHERE NOT active))
            ORDER BY datetime, id LIMIT $3::bigint OFFSET $4::bigint
        )
        {PageSql}
        """;

    // Every category's own page from its index, then the page of those: a rare category is not looked for in all offers.
    internal const string ServiceSql = $"""
        WITH page AS (
            SELECT o.id, o.datetime FROM service s
            CROSS JOIN LATERAL (
                SELECT id, datetime FROM offer
                WHERE service_id = s.id AND is_open AND datetime >= $1 AND datetime <= $2 AND company_id <> ALL (ARRAY(SELECT id FROM company WHERE NOT active))
                ORDER BY datetime, id LIMIT $3::bigint + $4::bigint
            ) o
            WHERE s.id = $5 OR s.parent_id = $5
            ORDER BY o.datetime, o.id LIMIT $3::bigint OFFSET $4::bigint
        )
        {PageSql}
        """;

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
        object?[] range = [first, last, page.Limit, page.Offset];
        return TypedResults.Ok(await catalogue.PreparedAsync(
            filter.ServiceId is null ? AllSql : ServiceSql, row => OfferRow.Public(row, language.Code), ct, filter.ServiceId is { } service ? [.. range, service] : range));
    }

    private static SearchOrder Order(string? sort, ListingFilter filter) => sort switch
    {
        null or "" or "datetime" => SearchOrder.Datetime,
        "price" => SearchOrder.Price,
        "distance" when filter.Near is not null => SearchOrder.Distance,
        "distance" => throw new InvalidParameterException("sort=distance needs near"),
        _ => throw new InvalidParameterException("sort must be datetime, price or distance"),
    };
}
