using System.Globalization;
using System.Text.Encodings.Web;
using BookSaga.Web.Api;
using BookSaga.Web.Components;
using BookSaga.Web.Words;
using Microsoft.AspNetCore.Components;

namespace BookSaga.Web.Pages.Client;

/// <summary>The cards of a search, each one service of one company with its earliest times.</summary>
/// <param name="texts">Of the visitor.</param>
/// <param name="today">The visitor's.</param>
/// <param name="encoder">The pages'.</param>
internal sealed class OfferCards(Texts texts, DateOnly today, HtmlEncoder encoder)
{
    private const int MostDays = 3;
    private const int MostTimes = 4;
    private readonly Markup _html = new(encoder);
    private readonly Dictionary<DateOnly, string> _dayNames = [];

    /// <summary>The card of <paramref name="group"/>.</summary>
    internal MarkupString Of(OfferGroup group)
    {
        Offer first = group.First;
        _html.Add($"""<article class="card offer"><header><div><h3>{first.ServiceName}</h3><p><a href="{ClientRoutes.CompanyOf(first.CompanyId)}">{first.CompanyName}</a>""");
        if (first.DistanceKm is { } km)
        {
            _html.Add($"""<span class="soft"> · {texts["client.search.km", Math.Round(km, 1)]}</span>""");
        }
        _html.Add($"""</p></div><p class="price">""");
        string price = texts.Money(group.PriceFrom);
        if (!group.IsOnePrice)
        {
            _html.Add($"""<small>{texts["client.search.price.from"]}</small> """);
        }
        _html.Add($"""<data class="money" value="{group.PriceFrom.ToString("0.##", CultureInfo.InvariantCulture)}">{price}</data></p></header><dl class="days">""");
        Time[] times = [.. group.Offers.Select(offer => new Time(offer.Id, texts.Local(offer.Datetime), group.IsOnePrice ? price : texts.Money(offer.Price))).OrderBy(time => time.At)];
        for (int from = 0, until, days = 0; from < times.Length && days < MostDays; from = until, days++)
        {
            DateOnly day = times[from].Day;
            for (until = from + 1; until < times.Length && times[until].Day == day; until++)
            {
            }
            AddDay(first.CompanyId, NameOf(day), times.AsSpan(from..until));
        }
        return _html.Add($"</dl></article>").Take();
    }

    private void AddDay(long company, string name, ReadOnlySpan<Time> times)
    {
        _html.Add($"<div><dt>{name}");
        if (times.Length > MostTimes)
        {
            string more = $"+{(times.Length - MostTimes).ToString(CultureInfo.InvariantCulture)}";
            _html.Add($""" <a href="{ClientRoutes.CompanyOf(company)}" aria-label="{more}: {texts["client.search.slots.more", name]}">{more}</a>""");
        }
        _html.Add($"</dt><dd>");
        foreach (Time time in times[..Math.Min(times.Length, MostTimes)])
        {
            _html.Add($"""<a class="slot" href="{ClientRoutes.OfferOf(time.Offer)}"><span class="unseen">{name}, </span>{time.At.ToString("HH:mm", texts.Visitor.Culture)}<span class="unseen">, {time.Price}</span></a>""");
        }
        _html.Add($"</dd></div>");
    }

    private string NameOf(DateOnly day) => _dayNames.TryGetValue(day, out string? name) ? name : _dayNames[day] = texts.Day(day, today);

    private readonly record struct Time(long Offer, DateTimeOffset At, string Price)
    {
        public DateOnly Day => DateOnly.FromDateTime(At.DateTime);
    }
}
