using BookSaga.Hosting.Http;
using Microsoft.AspNetCore.Routing.Template;

namespace BookSaga.Gateway;

/// <summary>
/// 405 with <c>Allow</c> for a path of the API that is asked with a method it does not have. Routing itself cannot tell: the web's route has any method and every
/// path until its constraint (<see cref="PagePath"/>) is looked at.
/// </summary>
internal static class WrongMethod
{
    private static readonly (TemplateMatcher Path, string Method)[] s_routes =
        [.. RouteTable.Api.Select(route => (new TemplateMatcher(TemplateParser.Parse(route.Path), []), route.Method))];

    internal static Task AnswerAsync(HttpContext context, RequestDelegate next)
    {
        string[] allowed = context.GetEndpoint() is null ? [.. s_routes.Where(route => route.Path.TryMatch(context.Request.Path, [])).Select(route => route.Method).Distinct()] : [];
        if (allowed.Length == 0)
        {
            return next(context);
        }
        context.Response.Headers.Allow = string.Join(", ", allowed);
        return Problems.WriteAsync(context, StatusCodes.Status405MethodNotAllowed);
    }
}
