using BookSaga.Contracts;
using BookSaga.Hosting.Data;
using BookSaga.Hosting.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;
using Npgsql;

namespace BookSaga.Booking.Offers;

/// <summary>
/// GET /offers (no token) and GET /customer/offers: open offers of active companies, ascending by datetime. All of <c>service_id</c>
/// (a parent category includes its children), <c>from</c> and <c>to</c> (RFC 3339, both inclusive) may be left out.
/// </summary>
/// <remarks>400 invalid request: a parameter that is not what it should be.</remarks>
internal static class SearchOffers
{
    private const string AllSql = """
        SELECT * FROM offer_view WHERE status = 'open' AND active AND datetime >= $1 AND datetime <= $2 ORDER BY datetime, id LIMIT $3 OFFSET $4
        """;

    // Every category's own page from its index, then the page of those: a rare category is not looked for in all offers.
    private const string ServiceSql = """
        SELECT v.* FROM service s
        CROSS JOIN LATERAL (
            SELECT * FROM offer_view
            WHERE service_id = s.id AND status = 'open' AND active AND datetime >= $1 AND datetime <= $2
            ORDER BY datetime, id LIMIT $3::bigint + $4::bigint
        ) v
        WHERE s.id = $5 OR s.parent_id = $5
        ORDER BY v.datetime, v.id LIMIT $3 OFFSET $4
        """;

    internal static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/offers", HandleAsync).WithSummary("Search open offers without signing in").AllowAnonymous();
        routes.MapGet("/customer/offers", HandleAsync).WithSummary("Search open offers");
    }

    private static async Task<Ok<List<Offer>>> HandleAsync(
        int? service_id, string? from, string? to, Page page, Language language, NpgsqlDataSource db, IOptions<BookingOptions> options, TimeProvider time, CancellationToken ct)
    {
        DateTimeOffset first = Time("from", from, DateTimeOffset.UnixEpoch);
        DateTimeOffset last = Time("to", to, new DateTimeOffset(9999, 1, 1, 0, 0, 0, TimeSpan.Zero));
        // Offers whose time has passed cannot be booked, so they are not found either; and the unsold ones of years are not read.
        if (!options.Value.AllowPast && first < time.GetUtcNow())
        {
            first = time.GetUtcNow();
        }
        object?[] range = [first, last, page.Limit, page.Offset];
        return TypedResults.Ok(await db.QueryAsync(
            service_id is null ? AllSql : ServiceSql, row => OfferRow.Public(row, language.Code), ct, service_id is { } service ? [.. range, service] : range));
    }

    private static DateTimeOffset Time(string name, string? text, DateTimeOffset fallback) =>
        string.IsNullOrEmpty(text) ? fallback
        : Json.TryParseTime(text, out DateTimeOffset time) ? time
        : throw new InvalidParameterException($"{name} must be an RFC 3339 time with an offset, such as 2026-01-31T09:00:00Z");
}
