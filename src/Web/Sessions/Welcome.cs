using BookSaga.Web.Api;
using BookSaga.Web.Pages.Client;
using BookSaga.Web.Site;
using BookSaga.Web.Words;

namespace BookSaga.Web.Sessions;

/// <summary>
/// GET /welcome: the first step after signing in. A language and time zone that the profile knows hold in this browser too, unless another language was chosen in it; a profile
/// that knows none learns them here, so that mails speak as these pages do. What cannot be asked is left as it is.
/// </summary>
internal static class Welcome
{
    internal const string Path = "/welcome";

    internal static async Task<IResult> AnswerAsync(string? to, HttpContext context, BookSagaApi api, Visitor visitor)
    {
        if (context.User.Identity?.IsAuthenticated == true && (await api.GetAsync<Profile>("/customer/profile", context.RequestAborted)).Value is { } profile)
        {
            if (profile.Locale is { } language && context.Request.Cookies[Visitor.LanguageCookie] is null)
            {
                Choices.Remember(context, Visitor.LanguageCookie, language);
            }
            if (profile.TimeZone is { } zone)
            {
                Choices.Remember(context, Visitor.ZoneCookie, zone);
            }
            if (profile.Locale is null || (profile.TimeZone is null && visitor.KnowsZone))
            {
                _ = await api.PutAsync<Profile>("/customer/profile", new
                {
                    first_name = profile.FirstName,
                    last_name = profile.LastName,
                    locale = profile.Locale ?? visitor.Language,
                    time_zone = profile.TimeZone ?? (visitor.KnowsZone ? visitor.Zone.Id : null),
                });
            }
        }
        return Results.Redirect(SessionSetup.Local(to));
    }
}
