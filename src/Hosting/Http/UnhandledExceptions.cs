using System.Text.Json;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace BookSaga.Hosting.Http;

/// <summary>The one place where exceptions become answers: bad requests 400, passing failures 503 with Retry-After, the rest 500.</summary>
internal sealed partial class UnhandledExceptions(ILogger<UnhandledExceptions> logger) : IExceptionHandler
{
    public async ValueTask<bool> TryHandleAsync(HttpContext httpContext, Exception exception, CancellationToken cancellationToken)
    {
        if (httpContext.RequestAborted.IsCancellationRequested)
        {
            return true;
        }
        if (exception is BadHttpRequestException bad)
        {
            await WriteBadRequestAsync(httpContext, bad);
        }
        else if (HasUnusableText(exception))
        {
            await Problems.BadRequest("invalid request", "invalid_request", "A text has a character that no text may have.").ExecuteAsync(httpContext);
        }
        else if (PassingFailure.Is(exception))
        {
            LogUnavailable(httpContext.Request.Method, httpContext.Request.Path, exception.Message);
            await Problems.WriteUnavailableAsync(httpContext);
        }
        else
        {
            LogFailed(exception, httpContext.Request.Method, httpContext.Request.Path);
            await Problems.WriteAsync(httpContext, StatusCodes.Status500InternalServerError);
        }
        return true;
    }

    private static Task WriteBadRequestAsync(HttpContext context, BadHttpRequestException bad)
    {
        if (bad.StatusCode != StatusCodes.Status400BadRequest)
        {
            return Problems.WriteAsync(context, bad.StatusCode);
        }
        // The framework's own messages name CLR types, so only ours are passed on, and of a JSON error where it stands.
        string detail = bad.InnerException is JsonException json
            ? $"The body is not the JSON that this call takes{(json.Path is { Length: > 1 } path ? $" (at {path})" : "")}."
            : bad is InvalidParameterException ? bad.Message : "The request could not be read.";
        return Problems.BadRequest(bad is InvalidParameterException ? bad.Message : "invalid request", "invalid_request", detail).ExecuteAsync(context);
    }

    // U+0000 is a character of JSON but of no form and of no text in PostgreSQL: the client's mistake, found by the form reader or the database.
    private static bool HasUnusableText(Exception exception) =>
        exception is InvalidDataException or PostgresException { SqlState: PostgresErrorCodes.CharacterNotInRepertoire }
        || (exception.InnerException is not null && HasUnusableText(exception.InnerException));

    [LoggerMessage(1, LogLevel.Error, "{Method} {Path} failed")]
    private partial void LogFailed(Exception exception, string method, string path);

    [LoggerMessage(2, LogLevel.Warning, "{Method} {Path} unavailable: {Reason}")]
    private partial void LogUnavailable(string method, string path, string reason);
}
