using System.Globalization;
using BookSaga.Hosting;
using BookSaga.Hosting.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace BookSaga.Company.Offers.Weekly;

/// <summary>What POST …/offers/weekly takes.</summary>
/// <param name="ServiceId">The category of all offers.</param>
/// <param name="Price">Their price, major units.</param>
/// <param name="Description">Their description; absent is empty.</param>
/// <param name="TimeZone">IANA id of the zone of all dates and times here.</param>
/// <param name="From">The first day, <c>2026-12-01</c>.</param>
/// <param name="To">The last day; with the first at most 366 days.</param>
/// <param name="Days">Days of the week: <c>monday</c>, …</param>
/// <param name="Times">Times of the day, <c>09:00</c>; or else <paramref name="Hours"/>.</param>
/// <param name="Hours">Working hours that are cut into appointments.</param>
internal sealed record WeeklyRequest(
    int? ServiceId, decimal? Price, string? Description, string? TimeZone, string? From, string? To, string[]? Days, string[]? Times, WorkingHours? Hours);

/// <summary>Working hours: appointments begin at <paramref name="From"/> and every so many minutes as long as they end by <paramref name="To"/>.</summary>
/// <param name="From"><c>09:00</c></param>
/// <param name="To"><c>17:00</c>, at most <c>24:00</c>.</param>
/// <param name="EveryMinutes">5 to 1,440.</param>
internal sealed record WorkingHours(string? From, string? To, int? EveryMinutes);

/// <summary>A time of the pattern.</summary>
/// <param name="Local">In the pattern's zone.</param>
/// <param name="At">The instant with the zone's offset; null where clocks skip it, the first of two where they go back.</param>
internal sealed record WeeklySlot(DateTime Local, DateTimeOffset? At);

/// <summary>A weekly pattern, checked. Pure.</summary>
internal sealed record WeeklyPattern(TimeZoneInfo Zone, DateOnly From, DateOnly To, DayOfWeek[] Days, int[] Minutes)
{
    /// <summary>The most offers of one request.</summary>
    internal const int MaxOffers = 2000;

    private const int MaxDays = 366;
    private const int MinutesOfDay = 24 * 60;

    /// <summary>The pattern that <paramref name="body"/> has, or what is wrong with it: 400, <c>code</c> names the field.</summary>
    internal static ProblemHttpResult? Read(WeeklyRequest body, out WeeklyPattern pattern)
    {
        pattern = new WeeklyPattern(TimeZoneInfo.Utc, default, default, [], []);
        if (!LocalTime.TryFindZone(body.TimeZone, out TimeZoneInfo zone))
        {
            return Wrong("time_zone", "time_zone must be an IANA time zone, such as Europe/Berlin");
        }
        if (!TryReadDate(body.From, out DateOnly from))
        {
            return Wrong("from", "from must be a date, such as 2026-12-01");
        }
        if (!TryReadDate(body.To, out DateOnly to))
        {
            return Wrong("to", "to must be a date, such as 2026-12-31");
        }
        if (to < from || to.DayNumber - from.DayNumber >= MaxDays)
        {
            return Wrong("to", $"to must not be before from, nor more than {MaxDays} days with it");
        }
        DayOfWeek[] days = [.. (body.Days ?? []).Select(d => Enum.GetValues<DayOfWeek>().Cast<DayOfWeek?>().FirstOrDefault(k => k.ToString()!.Equals(d, StringComparison.OrdinalIgnoreCase))).OfType<DayOfWeek>()];
        if (days.Length == 0 || days.Length != body.Days!.Length)
        {
            return Wrong("days", "days must be days of the week, such as monday");
        }
        if (ReadMinutes(body, out int[] minutes) is { } problem)
        {
            return problem;
        }
        pattern = new WeeklyPattern(zone, from, to, days, minutes);
        int count = pattern.Dates().Count() * minutes.Length;
        return count > MaxOffers ? Problems.BadRequest($"the pattern has {count} times; at most {MaxOffers} offers are posted at once", "too_many_offers") : null;
    }

    /// <summary>All times of the pattern, in order.</summary>
    internal IReadOnlyList<WeeklySlot> Slots() =>
    [
        .. from day in Dates()
           from minute in Minutes
           let local = day.ToDateTime(TimeOnly.MinValue).AddMinutes(minute)
           select new WeeklySlot(local, LocalTime.InstantOf(local, Zone)),
    ];

    private IEnumerable<DateOnly> Dates() => Enumerable.Range(0, To.DayNumber - From.DayNumber + 1).Select(From.AddDays).Where(day => Days.Contains(day.DayOfWeek));

    private static ProblemHttpResult? ReadMinutes(WeeklyRequest body, out int[] minutes)
    {
        minutes = [];
        if ((body.Times is null) == (body.Hours is null))
        {
            return Wrong("times", "times or hours is required, and only one of them");
        }
        if (body.Times is { } times)
        {
            minutes = [.. times.Select(time => TryReadTime(time) ?? -1).Distinct().Order()];
            return minutes is [] or [< 0, ..] or [.., MinutesOfDay] ? Wrong("times", "times must be times of the day, such as 09:00") : null;
        }
        (int? from, int? to, int? every) = (TryReadTime(body.Hours!.From), TryReadTime(body.Hours.To), body.Hours.EveryMinutes);
        if (from is not { } first || to is not { } last || every is not (>= 5 and <= MinutesOfDay))
        {
            return Wrong("hours", $"hours must have from and to, such as 09:00 and 17:00, and every_minutes from 5 to {MinutesOfDay}");
        }
        int fit = Math.Max(0, (last - first) / every.Value);
        minutes = [.. Enumerable.Range(0, fit).Select(i => first + (i * every.Value))];
        return fit == 0 ? Wrong("hours", "hours are too short for one appointment") : null;
    }

    private static bool TryReadDate(string? text, out DateOnly date) => DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out date) && date.Year is > 1 and < 9999;

    // Minutes from midnight; 24:00 is the end of the day.
    private static int? TryReadTime(string? text) =>
        text == "24:00" ? MinutesOfDay
        : TimeOnly.TryParseExact(text, "HH:mm", CultureInfo.InvariantCulture, DateTimeStyles.None, out TimeOnly time) ? (time.Hour * 60) + time.Minute
        : null;

    private static ProblemHttpResult Wrong(string field, string error) => Problems.BadRequest(error, "invalid_" + field);
}
