using System.Globalization;
using BookSaga.Web.Pages.Business;
using BookSaga.Web.Site;
using BookSaga.Web.Words;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;

namespace BookSaga.Web.Tests;

/// <summary>What the pages for companies read out of addresses and fields.</summary>
public sealed class BusinessPartsTests
{
    [Theory]
    [InlineData("55.757, 37.621", 55.757, 37.621)]
    [InlineData(" -33.8688 151.2093 ", -33.8688, 151.2093)]
    [InlineData("55,757; 37,621", 55.757, 37.621)]
    [InlineData("https://www.openstreetmap.org/#map=16/55.7570/37.6210", 55.757, 37.621)]
    [InlineData("https://www.openstreetmap.org/?mlat=55.757&mlon=37.621#map=4/1.5/2.5", 55.757, 37.621)]
    [InlineData("https://www.google.com/maps/@55.757,37.621,15z", 55.757, 37.621)]
    public void Places_are_read_as_people_have_them(string text, double lat, double lng)
    {
        Place.TryRead(text, out double readLat, out double readLng).ShouldBeTrue();
        (readLat, readLng).ShouldBe((lat, lng));
    }

    [Theory]
    [InlineData("")]
    [InlineData("Никольская, 10")]
    [InlineData("91, 10")]
    [InlineData("10, 181")]
    [InlineData("55.7, 37.6, 12")]
    public void What_is_no_place_is_refused(string text) => Place.TryRead(text, out _, out _).ShouldBeFalse();

    [Theory]
    [InlineData("?day=2026-11-29", "2026-11-23", "2026-11-29")] // a Sunday ends its week
    [InlineData("?day=2026-11-30", "2026-11-30", "2026-12-06")]
    [InlineData("?view=day&day=2026-11-30", "2026-11-30", "2026-11-30")]
    [InlineData("?day=yesterday", "2026-11-23", "2026-11-29")] // nonsense is today
    public void The_calendar_shows_a_day_or_a_week_from_Monday(string query, string first, string last)
    {
        CalendarRange range = CalendarRange.Read(Query(query), new DateOnly(2026, 11, 26));
        range.First.ShouldBe(DateOnly.Parse(first, CultureInfo.InvariantCulture));
        range.Last.ShouldBe(DateOnly.Parse(last, CultureInfo.InvariantCulture));
        range.Next.First.ShouldBe(range.Last.AddDays(1));
        range.Previous.Last.ShouldBe(range.First.AddDays(-1));
    }

    [Fact]
    public void A_period_ends_with_its_last_day_in_the_visitors_zone()
    {
        Texts texts = TextsOf("Europe/Moscow");
        var period = new StatementPeriod(Query("?from=2026-11-01&to=2026-11-30"), texts);
        period.IsRight.ShouldBeTrue();
        Uri.UnescapeDataString(period.ApiPath("/x", texts.Visitor)).ShouldBe("/x?from=2026-10-31T21:00:00.000Z&to=2026-11-30T20:59:59.999Z");
        new StatementPeriod(Query("?from=2026-11-02&to=2026-11-01"), texts).WrongOf("to").ShouldNotBeNull();
        new StatementPeriod(Query("?from=soon"), texts).WrongOf("from").ShouldNotBeNull();
    }

    [Theory]
    [InlineData("2026-03-29", "02:30", "Europe/Berlin", null, "time")] // clocks skip it
    [InlineData("2026-10-25", "02:30", "Europe/Berlin", "2026-10-25T00:30:00Z", null)] // clocks show it twice
    [InlineData("2026-06-01", "10:00", "Europe/Berlin", "2026-06-01T08:00:00Z", null)]
    [InlineData("2025-12-31", "10:00", "Europe/Berlin", "2025-12-31T09:00:00Z", "date")] // over
    [InlineData("2026-06-01", "10:00", "Mars/Olympus", null, "time_zone")]
    [InlineData("June", "10:00", "Europe/Berlin", null, "date")]
    public void A_local_time_is_one_instant_or_an_error_next_to_its_field(string date, string time, string zone, string? expected, string? wrong)
    {
        Form form = new("x", TextsOf("UTC"), new() { ["date"] = date, ["time"] = time, ["time_zone"] = zone });
        DateTimeOffset? at = LocalMoment.Read(form, TextsOf("UTC"), new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
        DateTimeOffset? instant = expected is null ? null : DateTimeOffset.Parse(expected, CultureInfo.InvariantCulture);
        at.ShouldBe(instant);
        form.Errors.Keys.FirstOrDefault().ShouldBe(wrong);
    }

    [Theory]
    [InlineData("1 000,50", "1000.50")]
    [InlineData("1\u00a0500", "1500")]
    [InlineData("99.5", "99.5")]
    [InlineData("1,000", null)] // a thousand, or one
    [InlineData("1.500", null)]
    [InlineData("1,234.56", null)]
    [InlineData("-5", null)]
    [InlineData("0", null)]
    [InlineData("much", null)]
    public void An_amount_that_could_be_another_one_is_an_error_next_to_its_field(string typed, string? expected)
    {
        Form form = new("x", TextsOf("UTC"), new() { ["price"] = typed });
        decimal amount = form.Amount("price");
        form.ErrorOf("price").ShouldBe(expected is null ? TextsOf("UTC")["problem.amount"] : null);
        amount.ShouldBe(expected is null ? 0 : decimal.Parse(expected, CultureInfo.InvariantCulture));
    }

    private static QueryCollection Query(string text) => new(Microsoft.AspNetCore.WebUtilities.QueryHelpers.ParseQuery(text));

    private static Texts TextsOf(string zone)
    {
        var context = new DefaultHttpContext();
        context.Request.Headers.Cookie = $"zone={Uri.EscapeDataString(zone)}";
        return new Texts(new Visitor(new HttpContextAccessor { HttpContext = context }, Options.Create(new WebOptions())));
    }
}
