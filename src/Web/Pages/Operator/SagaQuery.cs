using System.Globalization;
using BookSaga.Web.Words;
using Microsoft.AspNetCore.WebUtilities;

namespace BookSaga.Web.Pages.Operator;

/// <summary>Which sagas are looked for: the address's parameters, which are the API's. What is no number or id is told, and left out. Pure.</summary>
public sealed class SagaQuery
{
    internal const int PageSize = 50;
    private static readonly string[] Words = ["kind", "state", "step"];
    private static readonly string[] Numbers = ["min_age_seconds", "company_id", "offer_id"];
    private static readonly string[] Ids = ["booking_id", "customer_id"];
    private readonly Dictionary<string, string> _typed;
    private readonly Dictionary<string, object> _valid = [];

    internal SagaQuery(IQueryCollection query, Texts texts)
    {
        _typed = query.Where(q => q.Value.ToString().Trim().Length is > 0 and <= 100).ToDictionary(q => q.Key, q => q.Value.ToString().Trim());
        foreach (string name in Words.Where(_typed.ContainsKey))
        {
            _valid[name] = _typed[name];
        }
        foreach (string name in Numbers.Where(_typed.ContainsKey))
        {
            if (long.TryParse(_typed[name], NumberStyles.None, CultureInfo.InvariantCulture, out long number))
            {
                _valid[name] = number;
            }
            else
            {
                Errors[name] = texts["operator.search.number.wrong"];
            }
        }
        foreach (string name in Ids.Where(_typed.ContainsKey))
        {
            if (Guid.TryParse(_typed[name], out Guid id))
            {
                _valid[name] = id;
            }
            else
            {
                Errors[name] = texts["operator.search.id.wrong"];
            }
        }
        Page = int.TryParse(this["page"], NumberStyles.None, CultureInfo.InvariantCulture, out int page) && page is > 0 and < 1_000_000 ? page : 1;
    }

    internal string this[string name] => _typed.GetValueOrDefault(name, "");

    /// <summary>What is wrong, by field.</summary>
    internal Dictionary<string, string> Errors { get; } = [];

    /// <summary>From 1.</summary>
    internal int Page { get; }

    /// <summary>Whether anything narrows the search.</summary>
    internal bool HasFilters => _valid.Count > 0;

    /// <summary>The filter as a bulk action takes it.</summary>
    internal IReadOnlyDictionary<string, object> Filter => _valid;

    /// <summary>The question to the API.</summary>
    internal string ApiPath => QueryHelpers.AddQueryString("/operator/sagas", With(("page", Page), ("limit", PageSize)));

    /// <summary>The question to another list, which knows only these parts.</summary>
    internal string PathOf(string list, params string[] parts) =>
        QueryHelpers.AddQueryString(list, With(("page", Page), ("limit", PageSize)).Where(v => v.Key is "page" or "limit" || parts.Contains(v.Key)));

    /// <summary>The page for this filter.</summary>
    internal string Address => QueryHelpers.AddQueryString(OperatorRoutes.Transactions, With());

    /// <summary>The page for doing <paramref name="action"/> to all that this filter finds.</summary>
    internal string Bulk(string action) => QueryHelpers.AddQueryString(OperatorRoutes.Bulk, With(("action", action)));

    private Dictionary<string, string?> With(params (string Name, object Value)[] more) =>
        _valid.Select(v => (v.Key, v.Value)).Concat(more).ToDictionary(v => v.Item1, v => Convert.ToString(v.Item2, CultureInfo.InvariantCulture));
}
