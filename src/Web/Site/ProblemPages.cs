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
            if (context.Features.Get<IExceptionHandlerFeature>()?.Error is BadHttpRequestException bad)
            {
                context.Response.StatusCode = bad.StatusCode;
            }
            return WriteAsync(context);
        }));
        app.UseStatusCodePages(static status => WriteAsync(status.HttpContext));
        app.MapGet("/problem/sign-in", static () => new RazorComponentResult<ProblemDocument>(new { Kind = "sign_in" }) { StatusCode = StatusCodes.Status400BadRequest });
    }

    private static Task WriteAsync(HttpContext context)
    {
        string kind = context.Response.StatusCode switch
        {
            400 => "stale",
            401 or 403 => "forbidden",
            404 or 405 => "not_found",
            503 or 504 => "unavailable",
            _ => "broken",
        };
        return new RazorComponentResult<ProblemDocument>(new { Kind = kind }) { StatusCode = context.Response.StatusCode }.ExecuteAsync(context);
    }
}
