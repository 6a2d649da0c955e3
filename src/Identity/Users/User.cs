using Microsoft.AspNetCore.Identity;

namespace BookSaga.Identity.Users;

/// <summary>A person, or the account of a service. The user name is the lower-cased e-mail, as in Keycloak with registrationEmailAsUsername.</summary>
internal sealed class User : IdentityUser<Guid>
{
    public string FirstName { get; set; } = "";

    public string LastName { get; set; } = "";

    /// <summary>Roles of the realm: <c>operator</c>, <c>service</c>.</summary>
    public string[] RealmRoles { get; set; } = [];

    /// <summary>Roles of clients as <c>client/role</c>: <c>realm-management/manage-users</c>.</summary>
    public string[] ClientRoles { get; set; } = [];

    /// <summary>The client whose account this is; null for people.</summary>
    public string? ServiceClientId { get; set; }

    public DateTimeOffset CreatedAt { get; set; }
}
