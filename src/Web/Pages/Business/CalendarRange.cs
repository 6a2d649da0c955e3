using System.Globalization;
using BookSaga.Web.Words;

namespace BookSaga.Web.Pages.Business;

/// <summary>The days that the calendar shows: one, or a week from Monday. Read leniently from the address.</summary>
public sealed record CalendarRange(bool IsDay, DateOnly Day)
{
    private const int Week = 7;

    internal DateOnly First => IsDay ? Day : Day.AddDays(-(((int)Day.DayOfWeek + 6) % Week));

    internal DateOnly Last => IsDay ? Day : First.AddDays(Week - 1);

    internal IEnumerable<DateOnly> Days => Enumerable.Range(0, Last.DayNumber - First.DayNumber + 1).Select(First.AddDays);

    internal CalendarRange Next => this with { Day = Day.AddDays(IsDay ? 1 : Week) };

    internal CalendarRange Previous => this with { Day = Day.AddDays(IsDay ? -1 : -Week) };

    internal static CalendarRange Read(IQueryCollection query, DateOnly today) => new(
        query["view"] == "day",
        DateOnly.TryParseExact(query["day"], "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out DateOnly day) && day.Year is > 2000 and < 2200 ? day : today);

    /// <summary>Its address.</summary>
    internal string Address(long company) => BusinessRoutes.DayOf(company, Day, IsDay ? "day" : "week");

    /// <summary>What it is called: “23 – 29 November 2026”, or the day.</summary>
    internal string Title(Visitor visitor) => IsDay
        ? Day.ToString("dddd, d MMMM yyyy", visitor.Culture)
        : $"{First.ToString(First.Year != Last.Year ? "d MMMM yyyy" : First.Month != Last.Month ? "d MMMM" : "%d", visitor.Culture)} – {Last.ToString("d MMMM yyyy", visitor.Culture)}";
}
