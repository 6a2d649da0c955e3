using BookSaga.Hosting;
using BookSaga.Web.Components;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http.HttpResults;

namespace BookSaga.Web.Site;

/// <summary>Every error without a body becomes a page that says what happened and where to go on.</summary>
internal static partial class ProblemPages
{
    internal static void UseProblemPages(this WebApplication app)
    {
        app.UseExceptionHandler(static handler => handler.Run(context =>
        {
            switch (context.Features.Get<IExceptionHandlerFeature>()?.Error)
            {
                case BadHttpRequestException bad:
                    context.Response.StatusCode = bad.StatusCode;
                    break;
                case InvalidDataException: // a form with a character that no text may have
                    context.Response.StatusCode = StatusCodes.Status400BadRequest;
                    break;
                case { } error when PassingFailure.Is(error):
                    context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
                    context.Response.Headers.RetryAfter = "1";
                    break;
            }
            return WriteAsync(context);
        }));
        // The framework's own middleware leaves alone what has a content type, which a refused form has.
        app.Use(static async (context, next) =>
        {
            await next(context);
            if (context.Response is { StatusCode: >= 400, HasStarted: false, ContentLength: null or 0 })
            {
                await WriteAsync(context);
            }
        });
        app.MapGet("/problem/sign-in", static () => new RazorComponentResult<ProblemDocument>(new { Kind = "sign_in" }) { StatusCode = StatusCodes.Status400BadRequest });
    }

    /// <summary>Gives a page that says itself what is wrong its status, such as 404. Set at once the framework would leave the page out.</summary>
    internal static void AnswerWith(this HttpContext context, int status) => context.Response.OnStarting(() =>
    {
        context.Response.StatusCode = status;
        return Task.CompletedTask;
    });

    private static async Task WriteAsync(HttpContext context)
    {
        string kind = context.Response.StatusCode switch
        {
            400 => "stale",
            401 or 403 => "forbidden",
            404 or 405 => "not_found",
            503 or 504 => "unavailable",
            _ => "broken",
        };
        context.Response.ContentLength = null;
        // A renderer renders once, and this request's own may have.
        await using AsyncServiceScope scope = context.RequestServices.CreateAsyncScope();
        context.RequestServices = scope.ServiceProvider;
        await new RazorComponentResult<ProblemDocument>(new { Kind = kind }) { StatusCode = context.Response.StatusCode }.ExecuteAsync(context);
    }
}
