using System.Globalization;
using BookSaga.Web.Site;
using Microsoft.Extensions.Options;

namespace BookSaga.Web.Words;

/// <summary>How this visitor reads: language, time zone and theme. From cookies that they set themselves, else from what their browser says.</summary>
public sealed class Visitor
{
    public const string LanguageCookie = "lang";
    public const string ZoneCookie = "zone";
    public const string ThemeCookie = "theme";

    public Visitor(IHttpContextAccessor accessor, IOptions<WebOptions> options)
    {
        HttpRequest request = accessor.HttpContext!.Request;
        Language = request.Cookies[LanguageCookie] is "ru" or "en" ? request.Cookies[LanguageCookie]! : Preferred(request);
        Theme = request.Cookies[ThemeCookie] is "light" or "dark" ? request.Cookies[ThemeCookie] : null;
        string? zone = request.Cookies[ZoneCookie];
        KnowsZone = zone is { Length: < 64 } && TimeZoneInfo.TryFindSystemTimeZoneById(zone, out _);
        Zone = TimeZoneInfo.FindSystemTimeZoneById(KnowsZone ? zone! : options.Value.TimeZone);
        Culture = CultureInfo.GetCultureInfo(Language == "ru" ? "ru-RU" : "en-GB");
        Currency = options.Value.Currency;
    }

    /// <summary><c>ru</c> or <c>en</c>.</summary>
    public string Language { get; }

    /// <summary>Of dates and numbers.</summary>
    public CultureInfo Culture { get; }

    /// <summary>Of all times shown.</summary>
    public TimeZoneInfo Zone { get; }

    /// <summary>False: the zone is the platform's, and a script may tell the visitor's.</summary>
    public bool KnowsZone { get; }

    /// <summary><c>light</c> or <c>dark</c>; null: as the device has it.</summary>
    public string? Theme { get; }

    /// <summary>ISO 4217 code of all amounts.</summary>
    public string Currency { get; }

    /// <summary>The day it is for the visitor.</summary>
    public DateOnly Today(TimeProvider time) => DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(time.GetUtcNow(), Zone).DateTime);

    /// <summary>When <paramref name="day"/> begins for the visitor.</summary>
    public DateTimeOffset Start(DateOnly day)
    {
        DateTime midnight = day.ToDateTime(TimeOnly.MinValue);
        // Where clocks go forward at midnight the day begins an hour later.
        DateTime begins = Zone.IsInvalidTime(midnight) ? midnight.AddHours(1) : midnight;
        return new DateTimeOffset(begins, Zone.GetUtcOffset(begins));
    }

    private static string Preferred(HttpRequest request) => request.GetTypedHeaders().AcceptLanguage
        .Select(entry => (Code: entry.Value.ToString().Split('-')[0].ToLowerInvariant(), Weight: entry.Quality ?? 1))
        .Where(entry => entry.Code is "ru" or "en" && entry.Weight > 0)
        .OrderByDescending(entry => entry.Weight).Select(entry => entry.Code).FirstOrDefault() ?? "ru";
}
