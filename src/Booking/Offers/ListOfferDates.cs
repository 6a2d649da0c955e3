using System.ComponentModel;
using System.Globalization;
using BookSaga.Hosting;
using BookSaga.Hosting.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;

namespace BookSaga.Booking.Offers;

/// <summary>
/// GET /offers/dates: the days on which a search finds offers, with how many and from which price; no token. <c>days</c> (1…62, default 31) days of
/// <c>time_zone</c> (IANA, default UTC) from the one that <c>from</c> (default now) is in; other parameters as of GET /offers.
/// </summary>
/// <remarks>400: a parameter that is not what it should be.</remarks>
internal static class ListOfferDates
{
    /// <param name="Date">A day in the zone.</param>
    /// <param name="Offers">How many open offers it has.</param>
    /// <param name="PriceMin">The lowest price, major units.</param>
    internal sealed record OfferDate(DateOnly Date, long Offers, decimal PriceMin);

    private const int DefaultDays = 31;
    private const int MaxDays = 62;

    internal static void Map(IEndpointRouteBuilder routes) => routes.MapGet("/offers/dates", HandleAsync).WithSummary("The days on which a search finds offers").AllowAnonymous();

    private static async Task<Ok<List<OfferDate>>> HandleAsync(
        [AsParameters] SearchParameters search,
        [Description("IANA id, such as Europe/Berlin; UTC unless given.")] string? time_zone,
        [Description("1 to 62; 31 unless given.")] string? days,
        CatalogueQueries catalogue, IOptions<BookingOptions> options, TimeProvider time, CancellationToken ct)
    {
        if (!LocalTime.TryFindZone(string.IsNullOrEmpty(time_zone) ? "UTC" : time_zone, out TimeZoneInfo zone))
        {
            throw new InvalidParameterException("time_zone must be an IANA time zone, such as Europe/Berlin");
        }
        DateTimeOffset now = time.GetUtcNow();
        DateTimeOffset first = search.First(now);
        if (!options.Value.AllowPast && first < now)
        {
            first = now;
        }
        DateTimeOffset last = search.Last();
        DateTimeOffset[] midnights = Midnights(first, Days(days), zone);
        List<object?> args = [first, last, midnights];
        // width_bucket gives the number of midnights that have passed.
        string sql = $"""
            SELECT width_bucket(o.datetime, $3), count(*), min(l.price_minor)
            FROM listing l JOIN company c ON c.id = l.company_id JOIN offer o ON o.listing_id = l.id
            WHERE o.is_open AND o.datetime >= $1 AND o.datetime <= $2 AND o.datetime < ($3)[{midnights.Length}] AND {search.Filter().Condition(args)}
            GROUP BY 1 ORDER BY 1
            """;
        DateOnly day = DayOf(first, zone);
        return TypedResults.Ok(await catalogue.AllAsync(
            sql, row => new OfferDate(day.AddDays(row.GetInt32(0) - 1), row.GetInt64(1), Money.ToMajor(row.GetInt64(2))), ct, [.. args]));
    }

    private static int Days(string? text) =>
        string.IsNullOrEmpty(text) ? DefaultDays
        : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int days) && days is >= 1 and <= MaxDays ? days
        : throw new InvalidParameterException($"days must be a whole number from 1 to {MaxDays}");

    private static DateTimeOffset[] Midnights(DateTimeOffset first, int days, TimeZoneInfo zone)
    {
        DateOnly day = DayOf(first, zone);
        // The calendar ends in 9999.
        return day.Year > 9000 ? throw new InvalidParameterException("from is too far away") : [.. Enumerable.Range(0, days + 1).Select(i => LocalTime.StartOf(day.AddDays(i), zone).ToUniversalTime())];
    }

    private static DateOnly DayOf(DateTimeOffset instant, TimeZoneInfo zone) => DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(instant, zone).DateTime);
}
