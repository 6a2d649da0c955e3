using BookSaga.Hosting.Http;
using BookSaga.Identity.Pages;
using Microsoft.AspNetCore;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Authentication;
using OpenIddict.Abstractions;
using OpenIddict.Server.AspNetCore;
using static OpenIddict.Abstractions.OpenIddictConstants;

namespace BookSaga.Identity.Protocol;

/// <summary>
/// GET, POST /realms/{realm}/protocol/openid-connect/logout. A browser: ends the session of the id_token_hint, or asks first.
/// Keycloak's POST of client_id, client_secret and refresh_token: ends that token's session and answers 204.
/// </summary>
/// <remarks>400 invalid_grant: no valid refresh token of this client. 401 invalid_client.</remarks>
internal static class Logout
{
    public static void MapLogout(this WebApplication app, IdentitySettings settings) =>
        app.MapMethods(settings.ProtocolPath + "/logout", ["GET", "POST"], HandleAsync).AllowAnonymous().DisableAntiforgery();

    private static async Task<IResult> HandleAsync(HttpContext context, Language language, IAntiforgery forms, IOpenIddictApplicationManager clients, IOpenIddictTokenManager tokens, IOpenIddictAuthorizationManager sessions, TimeProvider time, CancellationToken ct)
    {
        if (context.GetOpenIddictServerResponse() is { Error: not null } refused)
        {
            return HtmlPage.Refusal(language, refused.ErrorDescription ?? refused.Error);
        }
        OpenIddictRequest request = context.GetOpenIddictServerRequest() ?? throw new InvalidOperationException("OpenIddict has not read the request.");
        if (request.RefreshToken is { } refreshToken && HttpMethods.IsPost(context.Request.Method))
        {
            return await EndByRefreshTokenAsync(request, refreshToken, clients, tokens, sessions, time, ct);
        }
        string? session = (await context.AuthenticateAsync(OpenIddictServerAspNetCoreDefaults.AuthenticationScheme)).Principal?.GetClaim("sid");
        bool signedIn = (await context.AuthenticateAsync(OpenIdServer.Session)).Succeeded;
        // Without a hint any site could send people here to sign them out; so they are asked.
        if (session is null && signedIn && !(HttpMethods.IsPost(context.Request.Method) && await forms.IsRequestValidAsync(context)))
        {
            return HtmlPage.ConfirmLogout(language, context.Request.Path, request, forms.GetAndStoreTokens(context));
        }
        await EndAsync(session, tokens, sessions, ct);
        await context.SignOutAsync(OpenIdServer.Session);
        return request.PostLogoutRedirectUri is null
            ? HtmlPage.SignedOut(language)
            : Results.SignOut(authenticationSchemes: [OpenIddictServerAspNetCoreDefaults.AuthenticationScheme]);
    }

    private static async Task<IResult> EndByRefreshTokenAsync(OpenIddictRequest request, string refreshToken, IOpenIddictApplicationManager clients, IOpenIddictTokenManager tokens, IOpenIddictAuthorizationManager sessions, TimeProvider time, CancellationToken ct)
    {
        object? client = request.ClientId is null ? null : await clients.FindByClientIdAsync(request.ClientId, ct);
        if (client is null || (await clients.HasClientTypeAsync(client, ClientTypes.Confidential, ct) && !await clients.ValidateClientSecretAsync(client, request.ClientSecret ?? "", ct)))
        {
            return Error(StatusCodes.Status401Unauthorized, Errors.InvalidClient, "Invalid client or Invalid client credentials");
        }
        object? token = await tokens.FindByReferenceIdAsync(refreshToken, ct);
        if (token is null
            || !await tokens.HasTypeAsync(token, TokenTypeIdentifiers.RefreshToken, ct)
            || !await tokens.HasStatusAsync(token, Statuses.Valid, ct)
            || await tokens.GetExpirationDateAsync(token, ct) < time.GetUtcNow()
            || await tokens.GetApplicationIdAsync(token, ct) != await clients.GetIdAsync(client, ct))
        {
            return Error(StatusCodes.Status400BadRequest, Errors.InvalidGrant, "Invalid refresh token");
        }
        await tokens.TryRevokeAsync(token, ct);
        await EndAsync(await tokens.GetAuthorizationIdAsync(token, ct), tokens, sessions, ct);
        return Results.NoContent();
    }

    private static async Task EndAsync(string? session, IOpenIddictTokenManager tokens, IOpenIddictAuthorizationManager sessions, CancellationToken ct)
    {
        if (session is not null && await sessions.FindByIdAsync(session, ct) is { } known)
        {
            await sessions.TryRevokeAsync(known, ct);
            await tokens.RevokeByAuthorizationIdAsync(session, ct);
        }
    }

    private static IResult Error(int status, string error, string description) =>
        Results.Json(new { error, error_description = description }, statusCode: status);
}
