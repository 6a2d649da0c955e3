using System.Globalization;
using BookSaga.Web.Site;
using BookSaga.Web.Words;
using Microsoft.AspNetCore.WebUtilities;

namespace BookSaga.Web.Pages.Client;

/// <summary>What is searched for: the address's parameters, read leniently, told exactly. Pure but for today's date.</summary>
public sealed class SearchQuery
{
    internal const int PageSize = 100;
    private readonly Dictionary<string, string> _values;

    internal SearchQuery(IQueryCollection query, Texts texts)
    {
        _values = query.Where(q => q.Value.ToString().Length is > 0 and <= 200).ToDictionary(q => q.Key, q => q.Value.ToString().Trim());
        From = Day("from", texts);
        To = Day("to", texts);
        PriceMin = Number("price_min", texts);
        PriceMax = Number("price_max", texts);
        if (From > To)
        {
            Errors["to"] = texts["client.search.to.before"];
        }
        Page = int.TryParse(this["page"], NumberStyles.None, CultureInfo.InvariantCulture, out int page) && page is > 0 and < 10_000 ? page : 1;
    }

    internal string this[string name] => _values.GetValueOrDefault(name, "");

    internal DateOnly? From { get; }

    internal DateOnly? To { get; }

    internal decimal? PriceMin { get; }

    internal decimal? PriceMax { get; }

    internal int Page { get; }

    internal int? Service => int.TryParse(this["service_id"], NumberStyles.None, CultureInfo.InvariantCulture, out int id) ? id : null;

    /// <summary>What is wrong, by field.</summary>
    internal Dictionary<string, string> Errors { get; } = [];

    /// <summary>Whether anything narrows the search.</summary>
    internal bool HasFilters => _values.Keys.Any(key => key is not ("page" or "sort"));

    /// <summary>Whether the further filters are in use.</summary>
    internal bool HasMore => _values.Keys.Any(key => key is "near" or "radius_km" or "price_min" or "price_max" or "sort");

    /// <summary>The same search with one thing changed; from its first page.</summary>
    internal string With(string name, string? value) => QueryHelpers.AddQueryString(
        ClientRoutes.Search,
        _values.Where(v => v.Key != name && v.Key != "page").Append(KeyValuePair.Create(name, value ?? "")).Where(v => v.Value.Length > 0).ToDictionary(v => v.Key, v => (string?)v.Value));

    /// <summary>The question to the API.</summary>
    internal string ApiPath(Visitor visitor) => Api("/offers", visitor, dates: true, ("page", Text(Page)), ("limit", Text(PageSize)));

    /// <summary>The question for days on which something is free, a month before and after <paramref name="day"/>; null: the two months from now.</summary>
    internal string DatesPath(Visitor visitor, DateOnly? day) => Api(
        "/offers/dates", visitor, dates: false, ("time_zone", visitor.Zone.Id), ("days", "62"), ("from", day is { } wanted ? Time(visitor.Start(wanted.AddDays(-30))) : ""));

    /// <summary>The question for the first of them, where the days are not to be had.</summary>
    internal string FirstPath(Visitor visitor) => Api("/offers", visitor, dates: false, ("limit", "1"));

    private string Api(string path, Visitor visitor, bool dates, params (string, string)[] more)
    {
        var query = new Dictionary<string, string?>();
        foreach (string name in (string[])["q", "near", "radius_km", "company_id", "sort"])
        {
            Add(name, this[name]);
        }
        Add("service_id", Service is { } service ? Text(service) : "");
        Add("price_min", PriceMin?.ToString(CultureInfo.InvariantCulture) ?? "");
        Add("price_max", PriceMax?.ToString(CultureInfo.InvariantCulture) ?? "");
        if (dates && From is { } from)
        {
            Add("from", Time(visitor.Start(from)));
        }
        if (dates && To is { } to && !Errors.ContainsKey("to"))
        {
            Add("to", Time(visitor.Start(to.AddDays(1)).AddSeconds(-1)));
        }
        foreach ((string name, string value) in more)
        {
            Add(name, value);
        }
        return QueryHelpers.AddQueryString(path, query);

        void Add(string name, string value)
        {
            if (value.Length > 0)
            {
                query[name] = value;
            }
        }
    }

    private DateOnly? Day(string name, Texts texts)
    {
        if (this[name].Length == 0)
        {
            return null;
        }
        if (DateOnly.TryParseExact(this[name], "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out DateOnly day) && day.Year is > 2000 and < 2200)
        {
            return day;
        }
        Errors[name] = texts["client.search.date.wrong"];
        return null;
    }

    private decimal? Number(string name, Texts texts)
    {
        if (this[name].Length == 0)
        {
            return null;
        }
        if (TypedAmount.TryParse(this[name], out decimal number))
        {
            return number;
        }
        Errors[name] = texts["problem.amount"];
        return null;
    }

    private static string Time(DateTimeOffset time) => time.ToUniversalTime().ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
