using BookSaga.Web.Sessions;
using BookSaga.Web.Words;
using Microsoft.AspNetCore.Antiforgery;

namespace BookSaga.Web.Site;

/// <summary>POST /choose: the visitor's language, theme or time zone, kept in a cookie for a year; back to where they were.</summary>
internal static class Choices
{
    private static readonly Dictionary<string, Func<string, bool>> Known = new()
    {
        [Visitor.LanguageCookie] = static value => value is "ru" or "en",
        [Visitor.ThemeCookie] = static value => value is "light" or "dark" or "",
        [Visitor.ZoneCookie] = static value => TimeZoneInfo.TryFindSystemTimeZoneById(value, out _),
    };

    internal static void MapChoices(this WebApplication app) => app.MapPost("/choose", async (HttpContext context, IAntiforgery forms) =>
    {
        if (!await forms.IsRequestValidAsync(context))
        {
            return Results.Redirect("/");
        }
        IFormCollection form = await context.Request.ReadFormAsync();
        foreach ((string name, Func<string, bool> isValid) in Known)
        {
            if (form.TryGetValue(name, out Microsoft.Extensions.Primitives.StringValues value) && isValid(value.ToString()))
            {
                Remember(context, name, value.ToString());
            }
        }
        return Results.Redirect(SessionSetup.Local(form["to"]));
    });

    /// <summary>Keeps a choice; an empty one is forgotten.</summary>
    internal static void Remember(HttpContext context, string name, string value)
    {
        if (value.Length == 0)
        {
            context.Response.Cookies.Delete(name);
            return;
        }
        context.Response.Cookies.Append(name, value, new CookieOptions { MaxAge = TimeSpan.FromDays(365), SameSite = SameSiteMode.Lax, IsEssential = true, Secure = context.Request.IsHttps });
    }
}
