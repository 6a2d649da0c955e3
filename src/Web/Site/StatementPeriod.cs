using System.Globalization;
using BookSaga.Web.Words;
using Microsoft.AspNetCore.WebUtilities;

namespace BookSaga.Web.Site;

/// <summary>The days that a statement is of, both inclusive, in the visitor's zone; from the address.</summary>
internal sealed class StatementPeriod
{
    private readonly Dictionary<string, string> _wrong = [];

    internal StatementPeriod(IQueryCollection query, Texts texts)
    {
        (FromText, ToText) = (query["from"].ToString(), query["to"].ToString());
        (From, To) = (Day("from", FromText, texts), Day("to", ToText, texts));
        if (From > To)
        {
            _wrong["to"] = texts["client.search.to.before"];
        }
    }

    internal string FromText { get; }

    internal string ToText { get; }

    internal DateOnly? From { get; }

    internal DateOnly? To { get; }

    internal bool IsRight => _wrong.Count == 0;

    internal string? WrongOf(string field) => _wrong.GetValueOrDefault(field);

    /// <summary>The same as the API's parameters.</summary>
    internal string ApiPath(string path, Visitor visitor)
    {
        var query = new Dictionary<string, string?>();
        if (From is { } from)
        {
            query["from"] = Time(visitor.Start(from));
        }
        if (To is { } to)
        {
            query["to"] = Time(visitor.Start(to.AddDays(1)).AddMilliseconds(-1));
        }
        return QueryHelpers.AddQueryString(path, query);
    }

    private DateOnly? Day(string field, string text, Texts texts)
    {
        if (text.Length == 0)
        {
            return null;
        }
        if (DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out DateOnly day) && day.Year is > 2000 and < 2200)
        {
            return day;
        }
        _wrong[field] = texts["client.search.date.wrong"];
        return null;
    }

    private static string Time(DateTimeOffset time) => time.ToUniversalTime().ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
}
