using System.Security.Claims;
using BookSaga.Hosting.Http;
using BookSaga.Identity.Pages;
using BookSaga.Identity.Users;
using Microsoft.AspNetCore;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Identity;
using OpenIddict.Abstractions;
using OpenIddict.Server.AspNetCore;
using static OpenIddict.Abstractions.OpenIddictConstants;

namespace BookSaga.Identity.Protocol;

/// <summary>GET, POST /realms/{realm}/protocol/openid-connect/auth: a code for who is signed in, else the login page.</summary>
/// <remarks>An unknown client or redirect URI is told on a page and never redirected. login_required: prompt=none and nobody is signed in.</remarks>
internal static class Authorize
{
    public static void MapAuthorize(this WebApplication app, IdentitySettings settings) =>
        app.MapMethods(settings.ProtocolPath + "/auth", ["GET", "POST"], HandleAsync).AllowAnonymous();

    private static async Task<IResult> HandleAsync(HttpContext context, Language language, UserManager<User> users, TokenClaims claims, IdentitySettings settings, IAntiforgery forms, TimeProvider time)
    {
        if (context.GetOpenIddictServerResponse() is { Error: not null } refused)
        {
            return HtmlPage.Refusal(language, refused.ErrorDescription ?? refused.Error);
        }
        OpenIddictRequest request = context.GetOpenIddictServerRequest() ?? throw new InvalidOperationException("OpenIddict has not read the request.");
        string client = request.ClientId ?? throw new InvalidOperationException("OpenIddict let a request without a client pass.");
        AuthenticateResult session = await context.AuthenticateAsync(OpenIdServer.Session);
        if (session.Principal is { } principal && !request.HasPromptValue(PromptValues.Login) && IsYoungEnough(principal, request, settings, time)
            && await users.FindByIdAsync(principal.GetClaim(Claims.Subject) ?? "") is { } user)
        {
            return Results.SignIn(
                claims.Create(user, client, request.HasScope(Scopes.OpenId), TokenEndpoint.AuthenticatedAt(principal)),
                authenticationScheme: OpenIddictServerAspNetCoreDefaults.AuthenticationScheme);
        }
        if (request.HasPromptValue(PromptValues.None))
        {
            return Results.Forbid(
                new AuthenticationProperties(new Dictionary<string, string?>
                {
                    [OpenIddictServerAspNetCoreConstants.Properties.Error] = Errors.LoginRequired,
                    [OpenIddictServerAspNetCoreConstants.Properties.ErrorDescription] = "Nobody is signed in.",
                }),
                [OpenIddictServerAspNetCoreDefaults.AuthenticationScheme]);
        }
        return HtmlPage.Login(language, Login.Action(settings, request), forms.GetAndStoreTokens(context), request.LoginHint ?? "", error: null);
    }

    private static bool IsYoungEnough(ClaimsPrincipal session, OpenIddictRequest request, IdentitySettings settings, TimeProvider time)
    {
        TimeSpan age = time.GetUtcNow() - TokenEndpoint.AuthenticatedAt(session);
        return age < settings.Realm.SessionMax && (request.MaxAge is not { } max || age.TotalSeconds <= max);
    }
}
