namespace BookSaga.Identity.Realm;

/// <summary>The realm as this provider runs it.</summary>
internal sealed class RealmSettings
{
    public required string Name { get; init; }

    public required TimeSpan AccessTokenLife { get; init; }

    public required TimeSpan CodeLife { get; init; }

    /// <summary>A refresh token's life and the browser session's idle time.</summary>
    public required TimeSpan SessionIdle { get; init; }

    /// <summary>After this the password is asked again, whatever was refreshed meanwhile.</summary>
    public required TimeSpan SessionMax { get; init; }

    /// <summary>Whether a refresh token is good for one use.</summary>
    public required bool RotateRefreshTokens { get; init; }

    public required int MinPasswordLength { get; init; }

    public required int MaxPasswordLength { get; init; }

    /// <summary>Wrong passwords in a row before the account locks; null: never.</summary>
    public required int? FailuresBeforeLock { get; init; }

    public required TimeSpan LockTime { get; init; }

    public required string[] RealmRoles { get; init; }

    public required string[] Scopes { get; init; }

    public required RealmClient[] Clients { get; init; }

    public required ServiceAccount[] ServiceAccounts { get; init; }

    /// <summary>The client with this id; it has been authenticated before, so it is there.</summary>
    public RealmClient Client(string id) => Clients.Single(c => c.Id == id);
}

/// <summary>A client of the realm.</summary>
internal sealed class RealmClient
{
    public required string Id { get; init; }

    public required string Name { get; init; }

    public required string? Secret { get; init; }

    public required bool IsPublic { get; init; }

    public required bool Code { get; init; }

    public required bool Password { get; init; }

    public required bool ClientCredentials { get; init; }

    public required string[] RedirectUris { get; init; }

    public required string[] PostLogoutRedirectUris { get; init; }

    /// <summary>Which groups of claims its tokens carry.</summary>
    public required string[] Scopes { get; init; }

    /// <summary>Those of them that <c>scope</c> names.</summary>
    public required string[] TokenScopes { get; init; }

    public required string[] Audiences { get; init; }
}

/// <summary>The user behind a service's client.</summary>
/// <param name="ClientId">The client.</param>
/// <param name="UserName">Keycloak's name for it, <c>service-account-…</c>.</param>
/// <param name="RealmRoles">Roles of the realm.</param>
/// <param name="ClientRoles">Roles of clients as <c>client/role</c>.</param>
internal sealed record ServiceAccount(string ClientId, string UserName, string[] RealmRoles, string[] ClientRoles);
