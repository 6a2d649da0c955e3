using BookSaga.Hosting.Auth;
using BookSaga.Hosting.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using BookSaga.Hosting.Data;

namespace BookSaga.Customer.Operators;

/// <summary>POST /operator/sagas/{id}/retry: drive it now. POST /operator/sagas/{id}/cancel: end it, with a reason that the journal keeps and, for a paid one, its client reads.</summary>
/// <remarks>404 saga not found. 400 reason is required. 409 the saga has ended (saga_finished, booking_completed, already_cancelled).</remarks>
internal static class ActOnSaga
{
    internal const int MaxReason = 500;

    /// <param name="Reason">Why, at most 500 characters; required to cancel.</param>
    internal sealed record Request(string? Reason);

    internal sealed record Answer(Guid Id, string Result);

    internal static void Map(IEndpointRouteBuilder operators)
    {
        operators.MapPost("/sagas/{id:guid}/retry", (Guid id, Request? body, Caller caller, SagaActions actions, NpgsqlDataSource db, CancellationToken ct) =>
            HandleAsync(id, SagaActions.Retry, body, caller, actions, db, ct)).WithSummary("Drive a live saga now");
        operators.MapPost("/sagas/{id:guid}/cancel", (Guid id, Request? body, Caller caller, SagaActions actions, NpgsqlDataSource db, CancellationToken ct) =>
            HandleAsync(id, SagaActions.Cancel, body, caller, actions, db, ct)).WithSummary("End a live booking, or cancel a paid one with a full refund");
    }

    /// <summary>The reason without blanks around it, or why it is none.</summary>
    internal static (string Reason, ProblemHttpResult? Problem) Reason(string? text, bool required)
    {
        string reason = text?.Trim() ?? "";
        return (reason, reason.Length == 0 && required ? Problems.BadRequest("reason is required")
            : reason.Length > MaxReason ? Problems.BadRequest($"reason is longer than {MaxReason} characters", "reason_too_long") : null);
    }

    private static async Task<Results<Accepted<Answer>, Ok<Answer>, ProblemHttpResult>> HandleAsync(
        Guid id, string action, Request? body, Caller caller, SagaActions actions, NpgsqlDataSource db, CancellationToken ct)
    {
        (string reason, ProblemHttpResult? problem) = Reason(body?.Reason, required: action == SagaActions.Cancel);
        if (problem is not null)
        {
            return problem;
        }
        if (!await db.QueryFirstAsync("SELECT EXISTS (SELECT FROM booking WHERE id = $1)", row => row.GetBoolean(0), ct, id))
        {
            return Problems.NotFound("saga not found");
        }
        SagaActions.Outcome outcome = action == SagaActions.Retry ? await actions.RetryAsync(id, caller, reason, ct) : await actions.CancelAsync(id, caller, reason, ct);
        var answer = new Answer(id, outcome.Result);
        return outcome switch
        {
            { Code: { } code } => Problems.Conflict("the saga cannot be changed", code),
            { Result: "cancelled" } => TypedResults.Ok(answer),
            _ => TypedResults.Accepted($"/api/v1/operator/sagas/{id}", answer),
        };
    }
}
