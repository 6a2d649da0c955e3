using BookSaga.Customer.Sagas;
using BookSaga.Hosting.Auth;
using BookSaga.Hosting.Data;
using BookSaga.Hosting.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;
using Npgsql;

namespace BookSaga.Customer.Operators;

/// <summary>
/// POST /operator/sagas/bulk: retry or cancel all sagas of a filter, at most 1,000. First with <c>preview: true</c>, which only counts them; then with
/// that count as <c>expected</c>, so that nobody acts on more than they have seen.
/// </summary>
/// <remarks>400 unknown action or filter, a filter that says nothing, or more than 1,000. 409 count_differs: look again.</remarks>
internal static class ActOnMany
{
    private const int Most = 1000;
    private const int Shown = 20;
    private const string FindSql = $"SELECT DISTINCT id FROM saga WHERE {SagaFilter.Sql} ORDER BY id LIMIT $11";

    /// <param name="Action"><c>retry</c> or <c>cancel</c>.</param>
    /// <param name="Filter">Which; at least one part.</param>
    /// <param name="Reason">Why, at most 500 characters.</param>
    /// <param name="Preview">Only count.</param>
    /// <param name="Expected">How many the preview counted.</param>
    internal sealed record Request(string? Action, SagaFilter? Filter, string? Reason, bool Preview, int? Expected);

    /// <param name="Count">How many sagas.</param>
    /// <param name="Ids">The first 20 of them.</param>
    internal sealed record Preview(int Count, IReadOnlyList<Guid> Ids);

    internal sealed record Done(Guid Id, string Result, string? Code);

    internal static void Map(IEndpointRouteBuilder operators) => operators.MapPost("/sagas/bulk", HandleAsync).WithSummary("Retry or cancel many sagas, after a preview");

    private static async Task<Results<Ok<Preview>, Ok<List<Done>>, ProblemHttpResult>> HandleAsync(
        Request body, Caller caller, SagaActions actions, NpgsqlDataSource db, IOptions<SagaOptions> options, CancellationToken ct)
    {
        if (body.Action is not (SagaActions.Retry or SagaActions.Cancel))
        {
            return Problems.BadRequest("action must be retry or cancel");
        }
        if (body.Filter is null || body.Filter == new SagaFilter())
        {
            return Problems.BadRequest("filter is required");
        }
        (string reason, ProblemHttpResult? problem) = ActOnSaga.Reason(body.Reason, required: !body.Preview && body.Action == SagaActions.Cancel);
        if (problem is not null)
        {
            return problem;
        }
        List<Guid> ids = await db.QueryAsync(FindSql, row => row.GetGuid(0), ct, body.Filter.Checked().Values(options.Value, Most + 1));
        if (ids.Count > Most)
        {
            return Problems.BadRequest($"the filter fits more than {Most} sagas", "too_many");
        }
        if (body.Preview)
        {
            return TypedResults.Ok(new Preview(ids.Count, [.. ids.Take(Shown)]));
        }
        if (body.Expected != ids.Count)
        {
            return Problems.Of(409, "the number of sagas differs from expected", "count_differs", $"The filter fits {ids.Count} sagas now.");
        }
        var done = new List<Done>();
        foreach (Guid id in ids)
        {
            SagaActions.Outcome outcome = body.Action == SagaActions.Retry ? await actions.RetryAsync(id, caller, reason, ct) : await actions.CancelAsync(id, caller, reason, ct);
            done.Add(new Done(id, outcome.Result, outcome.Code));
        }
        return TypedResults.Ok(done);
    }
}
