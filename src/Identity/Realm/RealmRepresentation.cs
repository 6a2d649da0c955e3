namespace BookSaga.Identity.Realm;

// The parts of Keycloak's RealmRepresentation that this provider acts on, with Keycloak's names and defaults.
internal sealed class RealmRepresentation
{
    public string? Realm { get; init; }

    public int AccessTokenLifespan { get; init; } = 300;

    public int AccessCodeLifespan { get; init; } = 60;

    public int SsoSessionIdleTimeout { get; init; } = 1800;

    public int SsoSessionMaxLifespan { get; init; } = 36000;

    public bool RevokeRefreshToken { get; init; }

    public string? PasswordPolicy { get; init; }

    public bool BruteForceProtected { get; init; }

    public int FailureFactor { get; init; } = 30;

    public int WaitIncrementSeconds { get; init; } = 60;

    public RolesRepresentation? Roles { get; init; }

    public ScopeRepresentation[]? ClientScopes { get; init; }

    public ClientRepresentation[]? Clients { get; init; }

    public UserRepresentation[]? Users { get; init; }
}

internal sealed record RolesRepresentation(RoleRepresentation[]? Realm);

internal sealed record RoleRepresentation(string Name);

internal sealed record MapperRepresentation(string Name, Dictionary<string, string>? Config)
{
    public string? Setting(string name) => Config?.GetValueOrDefault(name);
}

internal sealed record ScopeRepresentation(string Name, Dictionary<string, string>? Attributes, MapperRepresentation[]? ProtocolMappers)
{
    public string? Attribute(string name) => Attributes?.GetValueOrDefault(name);
}

internal sealed class ClientRepresentation
{
    public string ClientId { get; init; } = "";

    public string? Name { get; init; }

    public bool Enabled { get; init; } = true;

    public bool PublicClient { get; init; }

    public string? Secret { get; init; }

    public bool StandardFlowEnabled { get; init; } = true;

    public bool DirectAccessGrantsEnabled { get; init; }

    public bool ServiceAccountsEnabled { get; init; }

    public string[]? RedirectUris { get; init; }

    public Dictionary<string, string>? Attributes { get; init; }

    public string[]? DefaultClientScopes { get; init; }

    public string? Attribute(string name) => Attributes?.GetValueOrDefault(name);
}

internal sealed class UserRepresentation
{
    public string Username { get; init; } = "";

    public string? ServiceAccountClientId { get; init; }

    public string[]? RealmRoles { get; init; }

    public Dictionary<string, string[]>? ClientRoles { get; init; }
}
