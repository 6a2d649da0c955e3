using System.Security.Claims;
using System.Text.Json;
using BookSaga.Identity.Realm;
using BookSaga.Identity.Users;
using OpenIddict.Abstractions;
using OpenIddict.Server.AspNetCore;
using static OpenIddict.Abstractions.OpenIddictConstants;

namespace BookSaga.Identity.Protocol;

/// <summary>What a token says of a user: the claims of Keycloak's mappers for the scopes that the client has in the realm file.</summary>
internal sealed class TokenClaims(RealmSettings realm)
{
    /// <summary>The principal of new tokens.</summary>
    /// <param name="user">As the database has it now, so that a refresh shows changed names and roles.</param>
    /// <param name="clientId">Who gets the tokens.</param>
    /// <param name="openId">Whether an id_token is wanted.</param>
    /// <param name="authenticatedAt">When the password was given; the session's age counts from it.</param>
    public ClaimsPrincipal Create(User user, string clientId, bool openId, DateTimeOffset authenticatedAt)
    {
        RealmClient client = realm.Client(clientId);
        var identity = new ClaimsIdentity(OpenIddictServerAspNetCoreDefaults.AuthenticationScheme, Claims.PreferredUsername, Claims.Role);
        identity.SetClaim(Claims.Subject, user.Id.ToString());
        identity.SetClaim(Claims.AuthenticationTime, authenticatedAt.ToUnixTimeSeconds());
        identity.SetClaim(Claims.AuthorizedParty, clientId);
        if (client.Scopes.Contains("profile"))
        {
            identity.SetClaim(Claims.PreferredUsername, user.UserName);
            identity.SetClaim(Claims.GivenName, user.FirstName);
            identity.SetClaim(Claims.FamilyName, user.LastName);
            identity.SetClaim(Claims.Name, $"{user.FirstName} {user.LastName}".Trim());
        }
        if (client.Scopes.Contains("email"))
        {
            identity.SetClaim(Claims.Email, user.Email);
            identity.SetClaim(Claims.EmailVerified, user.EmailConfirmed);
        }
        if (client.Scopes.Contains("roles"))
        {
            identity.SetClaim("realm_access", JsonSerializer.SerializeToElement(new { roles = user.RealmRoles }));
            if (user.ClientRoles.Length > 0)
            {
                identity.SetClaim("resource_access", JsonSerializer.SerializeToElement(user.ClientRoles.Select(r => r.Split('/', 2))
                    .GroupBy(r => r[0], r => r[1]).ToDictionary(g => g.Key, g => new { roles = g.ToArray() })));
            }
        }
        identity.SetScopes(openId ? [Scopes.OpenId, .. client.TokenScopes] : client.TokenScopes);
        identity.SetResources(client.Audiences);
        identity.SetDestinations(static claim => claim.Type is "realm_access" or "resource_access"
            ? [Destinations.AccessToken]
            : [Destinations.AccessToken, Destinations.IdentityToken]);
        return new ClaimsPrincipal(identity);
    }
}
