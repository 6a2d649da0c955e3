using System.Globalization;
using BookSaga.Web.Site;
using BookSaga.Web.Words;

namespace BookSaga.Web.Pages.Business;

/// <summary>A date and a time on the clocks of a zone, as a form has them.</summary>
internal static class LocalMoment
{
    /// <summary>The instant of the fields <c>date</c>, <c>time</c> and <c>time_zone</c>; null with errors next to them. Where clocks show a time twice it is the first.</summary>
    internal static DateTimeOffset? Read(Form form, Texts texts, DateTimeOffset now)
    {
        (string date, string time, string zoneId) = (form.Required("date"), form.Required("time"), form.Required("time_zone"));
        bool hasDate = DateOnly.TryParseExact(date, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out DateOnly day);
        bool hasTime = TimeOnly.TryParseExact(time, ["HH:mm", "H:mm", "HH:mm:ss"], CultureInfo.InvariantCulture, DateTimeStyles.None, out TimeOnly clock);
        bool hasZone = Hosting.LocalTime.TryFindZone(zoneId, out TimeZoneInfo zone);
        Check(hasDate, "date", "businessproblem.invalid_date");
        Check(hasTime, "time", "businessproblem.invalid_time");
        Check(hasZone, "time_zone", "businessproblem.invalid_time_zone");
        if (form.HasErrors || !hasDate || !hasTime)
        {
            return null;
        }
        DateTimeOffset? at = Hosting.LocalTime.InstantOf(day.ToDateTime(clock), zone);
        Check(at is not null, "time", "businessproblem.no_such_local_time");
        Check(at is null || at > now, day.ToDateTime(clock).Date < TimeZoneInfo.ConvertTime(now, zone).Date ? "date" : "time", "businessproblem.past");
        return at;

        void Check(bool right, string field, string key)
        {
            if (!right)
            {
                form.Fail(field, texts[key]);
            }
        }
    }
}
