using BookSaga.Contracts.Webhooks;
using BookSaga.Hosting.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Code = BookSaga.Contracts.Webhooks.WebhookAnswer.Types.Code;

namespace BookSaga.Company.Webhooks;

/// <summary>What notification says, as the public API says it.</summary>
internal static class WebhookAnswers
{
    /// <summary>The answer of <paramref name="status"/>; 400 <c>invalid_webhook</c> with <c>errors</c> by field, 404 webhook not found, 409 <paramref name="tooMany"/>, 409 <c>webhook_inactive</c>.</summary>
    internal static IResult Of(WebhookAnswer answer, int status = StatusCodes.Status200OK, string tooMany = "too_many_webhooks") => answer.Code switch
    {
        Code.Ok when answer.Json.Length == 0 => TypedResults.NoContent(),
        Code.Ok => TypedResults.Text(answer.Json, "application/json", statusCode: status),
        Code.NotFound => Problems.NotFound("webhook not found"),
        Code.Invalid => Invalid(answer.Problems),
        Code.TooMany => Problems.Conflict(tooMany.Replace('_', ' '), tooMany),
        Code.Inactive => Problems.Conflict("webhook is not active", "webhook_inactive"),
        _ => throw Neighbours.Unplanned(answer.Code),
    };

    private static ProblemHttpResult Invalid(IReadOnlyCollection<FieldProblem> problems)
    {
        ProblemHttpResult result = Problems.BadRequest(
            string.Join("; ", problems.Take(1).Select(Sentence)), "invalid_webhook", string.Join("; ", problems.Select(Sentence)));
        result.ProblemDetails.Extensions["errors"] = problems.ToDictionary(p => p.Field, p => new[] { Sentence(p) });
        return result;
    }

    private static string Sentence(FieldProblem problem) => $"{problem.Field} {problem.Problem}";
}
