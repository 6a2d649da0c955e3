using BookSaga.Contracts;
using BookSaga.Hosting.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;

namespace BookSaga.Booking.Offers;

/// <summary>
/// GET /offers (no token) and GET /customer/offers: open offers of active companies, ascending by datetime. All of <c>service_id</c>
/// (a parent category includes its children), <c>from</c> and <c>to</c> (RFC 3339, both inclusive) may be left out.
/// </summary>
/// <remarks>400 invalid request: a parameter that is not what it should be.</remarks>
internal static class SearchOffers
{
    // The page's ids from the index alone, so that a deep page reads no offer before it; then the offers. Companies that are not active are few.
    internal const string AllSql = """
        WITH page AS (
            SELECT id FROM offer
            WHERE is_open AND datetime >= $1 AND datetime <= $2 AND company_id <> ALL (ARRAY(SELECT id FROM company WHERE NOT active))
            ORDER BY datetime, id LIMIT $3::bigint OFFSET $4::bigint
        )
        SELECT v.* FROM page JOIN offer_view v ON v.id = page.id ORDER BY v.datetime, v.id
        """;

    // Every category's own page from its index, then the page of those: a rare category is not looked for in all offers.
    internal const string ServiceSql = """
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
        SELECT v.* FROM page JOIN offer_view v ON v.id = page.id ORDER BY v.datetime, v.id
        """;

    internal static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/offers", HandleAsync).WithSummary("Search open offers without signing in").AllowAnonymous();
        routes.MapGet("/customer/offers", HandleAsync).WithSummary("Search open offers");
    }

    private static async Task<Ok<List<Offer>>> HandleAsync(
        int? service_id, string? from, string? to, Page page, Language language, CatalogueQueries catalogue, IOptions<BookingOptions> options, TimeProvider time, CancellationToken ct)
    {
        DateTimeOffset first = Time("from", from, DateTimeOffset.UnixEpoch);
        DateTimeOffset last = Time("to", to, new DateTimeOffset(9999, 1, 1, 0, 0, 0, TimeSpan.Zero));
        // Offers whose time has passed cannot be booked, so they are not found either; and the unsold ones of years are not read.
        if (!options.Value.AllowPast && first < time.GetUtcNow())
        {
            first = time.GetUtcNow();
        }
        object?[] range = [first, last, page.Limit, page.Offset];
        return TypedResults.Ok(await catalogue.RunAsync(
            service_id is null ? AllSql : ServiceSql, row => OfferRow.Public(row, language.Code), ct, service_id is { } service ? [.. range, service] : range));
    }

    private static DateTimeOffset Time(string name, string? text, DateTimeOffset fallback) =>
        string.IsNullOrEmpty(text) ? fallback
        : Json.TryParseTime(text, out DateTimeOffset time) ? time
        : throw new InvalidParameterException($"{name} must be an RFC 3339 time with an offset, such as 2026-01-31T09:00:00Z");
}
