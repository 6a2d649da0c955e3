using System.Globalization;
using System.Text.RegularExpressions;

namespace BookSaga.Notification.Mails;

/// <summary>Times as people read them, in a named zone.</summary>
internal static partial class Zones
{
    /// <summary>The zone with the IANA id <paramref name="id"/>, or null.</summary>
    internal static TimeZoneInfo? Find(string? id) =>
        id is not null && IanaId().IsMatch(id) && TimeZoneInfo.TryFindSystemTimeZoneById(id, out TimeZoneInfo? zone) ? zone : null;

    /// <summary>For example <c>Monday, 7 December 2026, 14:30 (Europe/Moscow, UTC+03:00)</c>; the offset is the one in force at that time.</summary>
    internal static string Format(DateTimeOffset time, TimeZoneInfo zone, Texts texts)
    {
        DateTimeOffset local = TimeZoneInfo.ConvertTime(time, zone);
        string sign = local.Offset < TimeSpan.Zero ? "-" : "+";
        string name = zone.Id == "UTC" ? "UTC" : string.Create(CultureInfo.InvariantCulture, $"{zone.Id}, UTC{sign}{local.Offset:hh\\:mm}");
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{texts.Weekdays[(int)local.DayOfWeek]}, {local.Day} {texts.Months[local.Month - 1]} {local.Year}, {local:HH:mm} ({name})");
    }

    // The id becomes a file name in the zone database, so it may not climb.
    [GeneratedRegex("^[A-Za-z0-9_+-]{1,32}(/[A-Za-z0-9_+-]{1,32}){0,2}\\z")]
    private static partial Regex IanaId();
}
