using BookSaga.Identity.Users;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Identity;
using OpenIddict.Abstractions;
using OpenIddict.Server.AspNetCore;
using static OpenIddict.Abstractions.OpenIddictConstants;

namespace BookSaga.Identity.Protocol;

/// <summary>GET, POST /realms/{realm}/protocol/openid-connect/userinfo: who the access token's user is now.</summary>
/// <remarks>401 invalid_token: not valid, its session was ended, or the user is gone.</remarks>
internal static class UserInfo
{
    public static void MapUserInfo(this WebApplication app, IdentitySettings settings) =>
        app.MapMethods(settings.ProtocolPath + "/userinfo", ["GET", "POST"], HandleAsync).AllowAnonymous();

    private static async Task<IResult> HandleAsync(HttpContext context, UserManager<User> users, IOpenIddictAuthorizationManager sessions, CancellationToken ct)
    {
        AuthenticateResult token = await context.AuthenticateAsync(OpenIddictServerAspNetCoreDefaults.AuthenticationScheme);
        object? session = token.Principal?.GetClaim("sid") is { } id ? await sessions.FindByIdAsync(id, ct) : null;
        if (session is null || !await sessions.HasStatusAsync(session, Statuses.Valid, ct)
            || await users.FindByIdAsync(token.Principal?.GetClaim(Claims.Subject) ?? "") is not { } user)
        {
            return Results.Challenge(
                new AuthenticationProperties(new Dictionary<string, string?> { [OpenIddictServerAspNetCoreConstants.Properties.Error] = Errors.InvalidToken }),
                [OpenIddictServerAspNetCoreDefaults.AuthenticationScheme]);
        }
        return Results.Json(new
        {
            sub = user.Id,
            email = user.Email,
            email_verified = user.EmailConfirmed,
            preferred_username = user.UserName,
            given_name = user.FirstName,
            family_name = user.LastName,
            name = $"{user.FirstName} {user.LastName}".Trim(),
        });
    }
}
