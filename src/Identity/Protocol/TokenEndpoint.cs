using System.Security.Claims;
using BookSaga.Hosting.Data;
using BookSaga.Identity.Users;
using Microsoft.AspNetCore;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using OpenIddict.Abstractions;
using OpenIddict.Server.AspNetCore;
using static OpenIddict.Abstractions.OpenIddictConstants;

namespace BookSaga.Identity.Protocol;

/// <summary>POST /realms/{realm}/protocol/openid-connect/token: code, password, refresh token or client credentials for tokens.</summary>
/// <remarks>401 invalid_grant: wrong password or locked account. 400 invalid_grant: used, expired or revoked code or refresh token. 401 invalid_client.</remarks>
internal static class TokenEndpoint
{
    // OpenIddict lets uses of one refresh token at the same moment pass; here the first statement to arrive wins.
    private const string UseUpSql = "UPDATE openid_tokens SET status = 'redeemed', redemption_date = $2 WHERE id = $1 AND status = 'valid'";

    public static void MapToken(this WebApplication app, IdentitySettings settings) =>
        app.MapPost(settings.ProtocolPath + "/token", HandleAsync).AllowAnonymous();

    // The client and the grant itself have been checked by OpenIddict when this runs.
    private static async Task<IResult> HandleAsync(HttpContext context, PasswordCheck passwords, UserManager<User> users, IdentityDb db, NpgsqlDataSource tokens, TokenClaims claims, IdentitySettings settings, TimeProvider time, CancellationToken ct)
    {
        OpenIddictRequest request = context.GetOpenIddictServerRequest() ?? throw new InvalidOperationException("OpenIddict has not read the request.");
        string client = request.ClientId ?? throw new InvalidOperationException("OpenIddict let a request without a client pass.");
        DateTimeOffset now = time.GetUtcNow();
        if (request.IsPasswordGrantType())
        {
            return await passwords.VerifyAsync(request.Username, request.Password, ct) is { } user
                ? SignIn(claims.Create(user, client, request.HasScope(Scopes.OpenId), now))
                : WrongPassword(context);
        }
        if (request.IsClientCredentialsGrantType())
        {
            User account = await db.Users.AsNoTracking().SingleAsync(u => u.ServiceClientId == client, ct);
            return SignIn(claims.Create(account, client, openId: false, now));
        }
        ClaimsPrincipal granted = (await context.AuthenticateAsync(OpenIddictServerAspNetCoreDefaults.AuthenticationScheme)).Principal
            ?? throw new InvalidOperationException("OpenIddict let a grant without a principal pass.");
        if (request.IsRefreshTokenGrantType() && settings.Realm.RotateRefreshTokens
            && await tokens.ExecuteAsync(UseUpSql, ct, Guid.Parse(granted.GetTokenId()!), now) == 0)
        {
            return Refuse("Maximum allowed refresh token reuse exceeded");
        }
        DateTimeOffset since = AuthenticatedAt(granted);
        return await users.FindByIdAsync(granted.GetClaim(Claims.Subject) ?? "") is { } owner && now < since + settings.Realm.SessionMax
            ? SignIn(claims.Create(owner, client, granted.HasScope(Scopes.OpenId), since))
            : Refuse("Session not active");
    }

    /// <summary>When the password was given.</summary>
    internal static DateTimeOffset AuthenticatedAt(ClaimsPrincipal principal) =>
        DateTimeOffset.FromUnixTimeSeconds(long.Parse(principal.GetClaim(Claims.AuthenticationTime) ?? "0", System.Globalization.CultureInfo.InvariantCulture));

    private static IResult SignIn(ClaimsPrincipal principal) =>
        Results.SignIn(principal, authenticationScheme: OpenIddictServerAspNetCoreDefaults.AuthenticationScheme);

    // OpenIddict answers every invalid_grant with 400; Keycloak tells a wrong password by 401.
    private static IResult WrongPassword(HttpContext context)
    {
        context.Response.Headers.CacheControl = "no-store";
        return Results.Json(new { error = Errors.InvalidGrant, error_description = "Invalid user credentials" }, statusCode: StatusCodes.Status401Unauthorized);
    }

    private static IResult Refuse(string description) => Results.Forbid(
        new AuthenticationProperties(new Dictionary<string, string?>
        {
            [OpenIddictServerAspNetCoreConstants.Properties.Error] = Errors.InvalidGrant,
            [OpenIddictServerAspNetCoreConstants.Properties.ErrorDescription] = description,
        }),
        [OpenIddictServerAspNetCoreDefaults.AuthenticationScheme]);
}
