using System.Security.Claims;
using System.Text.Json;

namespace BookSaga.Identity.Admin;

/// <summary>Who may administer users: tokens with Keycloak's client roles of <c>realm-management</c>.</summary>
internal static class AdminRights
{
    public const string ManageUsers = "manage-users";
    public const string ViewUsers = "view-users";

    public static void AddAdmin(this WebApplicationBuilder builder) => builder.Services.AddAuthorizationBuilder()
        .AddPolicy(ManageUsers, policy => policy.RequireAuthenticatedUser().RequireAssertion(c => Has(c.User, ManageUsers)))
        .AddPolicy(ViewUsers, policy => policy.RequireAuthenticatedUser().RequireAssertion(c => Has(c.User, ViewUsers) || Has(c.User, ManageUsers)));

    private static bool Has(ClaimsPrincipal user, string role)
    {
        if (user.FindFirst("resource_access")?.Value is not { } json)
        {
            return false;
        }
        using JsonDocument access = JsonDocument.Parse(json);
        return access.RootElement.TryGetProperty("realm-management", out JsonElement client)
            && client.TryGetProperty("roles", out JsonElement roles)
            && roles.EnumerateArray().Any(r => r.GetString() == role);
    }
}
