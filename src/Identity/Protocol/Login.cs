using System.Security.Claims;
using BookSaga.Hosting.Http;
using BookSaga.Identity.Pages;
using BookSaga.Identity.Users;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http.Extensions;
using OpenIddict.Abstractions;
using static OpenIddict.Abstractions.OpenIddictConstants;

namespace BookSaga.Identity.Protocol;

/// <summary>POST /realms/{realm}/login-actions/authenticate: the login page's form; back to the authorization request when the password is right.</summary>
/// <remarks>The query is the authorization request's own and only ever goes back there, so the form redirects nowhere else.</remarks>
internal static class Login
{
    // After the password was given these would ask for it again, for ever.
    private static readonly HashSet<string> Satisfied = [Parameters.Prompt, Parameters.MaxAge];

    public static void MapLogin(this WebApplication app, IdentitySettings settings) =>
        app.MapPost(settings.RealmPath + "/login-actions/authenticate", HandleAsync).AllowAnonymous().DisableAntiforgery();

    /// <summary>Where the form of <paramref name="request"/> posts to.</summary>
    public static string Action(IdentitySettings settings, OpenIddictRequest request) =>
        settings.RealmPath + "/login-actions/authenticate" + new QueryBuilder(
            request.GetParameters().Where(p => !Satisfied.Contains(p.Key)).Select(p => KeyValuePair.Create(p.Key, (string?)p.Value ?? ""))).ToQueryString();

    private static async Task<IResult> HandleAsync(HttpContext context, Language language, PasswordCheck passwords, IdentitySettings settings, IAntiforgery forms, TimeProvider time, CancellationToken ct)
    {
        if (!context.Request.HasFormContentType)
        {
            return Problems.BadRequest("invalid request");
        }
        string action = context.Request.Path + context.Request.QueryString;
        IFormCollection form = await context.Request.ReadFormAsync(ct);
        string email = form["username"].ToString();
        if (!await forms.IsRequestValidAsync(context))
        {
            return HtmlPage.Login(language, action, forms.GetAndStoreTokens(context), email, Texts.Of(language).PageExpired);
        }
        if (await passwords.VerifyAsync(email, form["password"], ct) is not { } user)
        {
            return HtmlPage.Login(language, action, forms.GetAndStoreTokens(context), email, Texts.Of(language).WrongPassword);
        }
        var identity = new ClaimsIdentity(OpenIdServer.Session);
        identity.SetClaim(Claims.Subject, user.Id.ToString());
        identity.SetClaim(Claims.AuthenticationTime, time.GetUtcNow().ToUnixTimeSeconds());
        await context.SignInAsync(OpenIdServer.Session, new ClaimsPrincipal(identity));
        context.Response.Headers.CacheControl = "no-store";
        return Results.Redirect(settings.ProtocolPath + "/auth" + context.Request.QueryString);
    }
}
