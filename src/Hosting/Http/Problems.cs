using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.WebUtilities;

namespace BookSaga.Hosting.Http;

/// <summary>Errors as the public contract has them: RFC 9457 plus <c>error</c> (a fixed text) and <c>code</c> (a stable name).</summary>
public static class Problems
{
    /// <summary>An error answer.</summary>
    /// <param name="status">HTTP status, 400 to 599.</param>
    /// <param name="error">The text that clients show.</param>
    /// <param name="code">The name that clients switch on, such as <c>offer_taken</c>; from the text unless given.</param>
    /// <param name="detail">More words for people; the text unless given.</param>
    public static ProblemHttpResult Of(int status, string error, string? code = null, string? detail = null)
    {
        string name = code ?? error.Replace(' ', '_').Replace(",", "", StringComparison.Ordinal);
        return TypedResults.Problem(
            detail: detail ?? error,
            statusCode: status,
            title: ReasonPhrases.GetReasonPhrase(status),
            type: "urn:booksaga:" + name,
            extensions: [new("error", error), new("code", name)]);
    }

    /// <summary>400 with <paramref name="error"/>.</summary>
    public static ProblemHttpResult BadRequest(string error, string? code = null, string? detail = null) => Of(400, error, code, detail);

    /// <summary>401 <c>invalid claims</c>.</summary>
    public static ProblemHttpResult InvalidClaims() => Of(401, "invalid claims");

    /// <summary>403 <c>forbidden</c>.</summary>
    public static ProblemHttpResult Forbidden() => Of(403, "forbidden");

    /// <summary>404 with <paramref name="error"/>, such as <c>offer not found</c>.</summary>
    public static ProblemHttpResult NotFound(string error) => Of(404, error);

    /// <summary>409 with <paramref name="error"/>.</summary>
    public static ProblemHttpResult Conflict(string error, string code) => Of(409, error, code);

    /// <summary>409 with <c>Retry-After</c>: a moment later it may go. Not kept under an idempotency key.</summary>
    public static ProblemHttpResult TryAgain(HttpContext context, string error, string code, string detail)
    {
        ArgumentNullException.ThrowIfNull(context);
        context.Response.Headers.RetryAfter = "1";
        return Of(StatusCodes.Status409Conflict, error, code, detail);
    }

    /// <summary>Writes the contract's error for a bare <paramref name="status"/> that the framework set.</summary>
    public static Task WriteAsync(HttpContext context, int status) => (status switch
    {
        400 => Of(400, "invalid request"),
        401 => InvalidClaims(),
        403 => Forbidden(),
        404 => Of(404, "not found"),
        405 => Of(405, "method not allowed"),
        408 => Of(408, "request timed out", "request_timeout"),
        413 => Of(413, "request body too large"),
        415 => Of(415, "unsupported media type"),
        429 => Of(429, "too many requests"),
        502 => Of(502, "bad gateway"),
        503 => Of(503, "temporarily unavailable", "unavailable"),
        504 => Of(504, "gateway timeout"),
        >= 500 => Of(status, "internal error"),
        _ => Of(status, ReasonPhrases.GetReasonPhrase(status).ToLowerInvariant()),
    }).ExecuteAsync(context);

    /// <summary>Writes 503 with <c>Retry-After</c>: the cause passes, nothing was lost.</summary>
    public static Task WriteUnavailableAsync(HttpContext context)
    {
        context.Response.Headers.RetryAfter = "1";
        return WriteAsync(context, StatusCodes.Status503ServiceUnavailable);
    }
}
