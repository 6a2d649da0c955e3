using System.Security.Claims;
using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace BookSaga.Hosting.Auth;

/// <summary>Who calls, by the verified token alone.</summary>
/// <param name="Id">The user's id: <c>sub</c>.</param>
/// <param name="Email">Lower-cased mail address; empty for a service.</param>
/// <param name="FirstName"><c>given_name</c>, or empty.</param>
/// <param name="LastName"><c>family_name</c>, or empty.</param>
public sealed record Caller(Guid Id, string Email, string FirstName, string LastName)
{
    /// <summary>Binds a route handler's parameter; the route's authorization has refused anonymous callers before.</summary>
    public static ValueTask<Caller?> BindAsync(HttpContext context) => ValueTask.FromResult(From(context.User));

    /// <summary>The caller of a verified token, or null when it has no user id.</summary>
    public static Caller? From(ClaimsPrincipal user) => user is VerifiedPrincipal verified ? verified.Caller : Read(user);

    /// <summary>Whether the token's <c>realm_access.roles</c> (Keycloak's shape) has <paramref name="role"/>.</summary>
    public static bool HasRealmRole(ClaimsPrincipal user, string role)
    {
        if (user.FindFirstValue("realm_access") is not { } json)
        {
            return false;
        }
        using JsonDocument access = JsonDocument.Parse(json);
        return access.RootElement.TryGetProperty("roles", out JsonElement roles)
            && roles.ValueKind == JsonValueKind.Array
            && roles.EnumerateArray().Any(r => r.ValueKind == JsonValueKind.String && r.GetString() == role);
    }

    private static Caller? Read(ClaimsPrincipal user) =>
        Guid.TryParse(user.FindFirstValue("sub"), out Guid id)
            ? new Caller(id, (user.FindFirstValue("email") ?? "").ToLowerInvariant(), user.FindFirstValue("given_name") ?? "", user.FindFirstValue("family_name") ?? "")
            : null;
}
