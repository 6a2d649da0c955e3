using System.Globalization;
using BookSaga.Web.Api;
using Microsoft.AspNetCore.WebUtilities;

namespace BookSaga.Web.Pages.Business;

/// <summary>Reads a company's offers.</summary>
internal static class CompanyOffers
{
    internal const int PageSize = 50;
    private const int MostAtOnce = 100;
    private const int MostPages = 10;

    /// <summary>All offers between two instants, both inclusive, earliest first; at most 1,000.</summary>
    internal static async Task<Answer<List<CompanyOffer>>> BetweenAsync(BookSagaApi api, long company, DateTimeOffset from, DateTimeOffset to, CancellationToken ct)
    {
        var all = new List<CompanyOffer>();
        for (int page = 1; ; page++)
        {
            Answer<List<CompanyOffer>> answer = await api.GetAsync<List<CompanyOffer>>(Path(company, page, MostAtOnce, ("from", Time(from)), ("to", Time(to)), ("sort", "asc")), ct);
            if (answer.Value is not { } found)
            {
                return answer;
            }
            all.AddRange(found);
            if (found.Count < MostAtOnce || page == MostPages)
            {
                return answer with { Value = all };
            }
        }
    }

    /// <summary>One offer with its client; null when the company has no such offer.</summary>
    internal static async Task<Answer<CompanyOffer>> FindAsync(BookSagaApi api, long company, long offer, CancellationToken ct)
    {
        Answer<Offer> known = await api.GetAsync<Offer>(string.Create(CultureInfo.InvariantCulture, $"/offers/{offer}"), ct);
        if (known.Value is null && !known.NotFound)
        {
            return new Answer<CompanyOffer>(null, known.Problem, known.Status, null);
        }
        // Times have more digits than an address says, so it asks for a millisecond.
        // The public side hides open offers of a company that is switched off; then they are looked for among all that are open.
        (string, string)[] filter = known.Value is { } seen ? [("from", Time(seen.Datetime)), ("to", Time(seen.Datetime.AddMilliseconds(1)))] : [("status", "open"), ("sort", "asc")];
        for (int page = 1; page <= MostPages; page++)
        {
            Answer<List<CompanyOffer>> answer = await api.GetAsync<List<CompanyOffer>>(Path(company, page, MostAtOnce, filter), ct);
            if (answer.Value?.FirstOrDefault(o => o.Id == offer) is { } found)
            {
                return new Answer<CompanyOffer>(found, null, answer.Status, null);
            }
            if (answer.Value is not { Count: MostAtOnce })
            {
                return new Answer<CompanyOffer>(null, answer.Problem, answer.Value is null ? answer.Status : StatusCodes.Status404NotFound, null);
            }
        }
        return new Answer<CompanyOffer>(null, null, StatusCodes.Status404NotFound, null);
    }

    /// <summary>The question for a page of them.</summary>
    internal static string Path(long company, int page, int limit, params (string Name, string Value)[] filter) => QueryHelpers.AddQueryString(
        string.Create(CultureInfo.InvariantCulture, $"/company/{company}/offers"),
        filter.Append(("page", Text(page))).Append(("limit", Text(limit))).Select(f => KeyValuePair.Create(f.Item1, (string?)f.Item2)));

    internal static string Time(DateTimeOffset time) => time.ToUniversalTime().ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture);

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
