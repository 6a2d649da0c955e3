using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace BookSaga.Identity.Realm;

/// <summary>
/// Reads the realm file that Keycloak imports (its RealmRepresentation), with Keycloak's placeholders: <c>${NAME}</c> and
/// <c>${NAME:default}</c> in any text, resolved from the environment. What has no meaning here is left to Keycloak.
/// </summary>
internal static partial class RealmFile
{
    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web)
    {
        ReadCommentHandling = JsonCommentHandling.Skip,
        AllowTrailingCommas = true,
    };

    /// <summary>The realm in <paramref name="json"/>, or null when <paramref name="errors"/> has got an entry.</summary>
    public static RealmSettings? Read(string json, Func<string, string?> variable, List<string> errors)
    {
        int before = errors.Count;
        RealmRepresentation? file;
        try
        {
            JsonNode? root = JsonNode.Parse(json, documentOptions: new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true });
            var missing = new SortedSet<string>(StringComparer.Ordinal);
            file = Resolve(root, variable, missing).Deserialize<RealmRepresentation>(Options);
            errors.AddRange(missing.Select(name => $"the environment variable {name}, which the realm file names, is not set"));
        }
        catch (JsonException e)
        {
            errors.Add($"the realm file is not the JSON of a realm (line {e.LineNumber + 1}): {e.Message}");
            return null;
        }
        if (file is not { Realm.Length: > 0 })
        {
            errors.Add("the realm file names no realm");
            return null;
        }
        RealmSettings realm = ToSettings(file);
        Check(realm, errors);
        return errors.Count == before ? realm : null;
    }

    private static RealmSettings ToSettings(RealmRepresentation file) => new()
    {
        Name = file.Realm!,
        AccessTokenLife = TimeSpan.FromSeconds(file.AccessTokenLifespan),
        CodeLife = TimeSpan.FromSeconds(file.AccessCodeLifespan),
        SessionIdle = TimeSpan.FromSeconds(file.SsoSessionIdleTimeout),
        SessionMax = TimeSpan.FromSeconds(file.SsoSessionMaxLifespan),
        RotateRefreshTokens = file.RevokeRefreshToken,
        MinPasswordLength = PolicyNumber(file.PasswordPolicy, "length") ?? 1,
        MaxPasswordLength = PolicyNumber(file.PasswordPolicy, "maxLength") ?? 64,
        FailuresBeforeLock = file.BruteForceProtected ? file.FailureFactor : null,
        LockTime = TimeSpan.FromSeconds(file.WaitIncrementSeconds),
        RealmRoles = [.. (file.Roles?.Realm ?? []).Select(r => r.Name)],
        Scopes = [.. (file.ClientScopes ?? []).Select(s => s.Name)],
        Clients = [.. (file.Clients ?? []).Where(c => c.Enabled).Select(c => ToClient(c, file.ClientScopes ?? []))],
        ServiceAccounts =
        [
            .. (file.Users ?? []).Where(u => u.ServiceAccountClientId is not null).Select(u => new ServiceAccount(
                u.ServiceAccountClientId!,
                u.Username,
                u.RealmRoles ?? [],
                [.. (u.ClientRoles ?? []).SelectMany(c => c.Value.Select(role => $"{c.Key}/{role}"))])),
        ],
    };

    private static RealmClient ToClient(ClientRepresentation client, ScopeRepresentation[] scopes)
    {
        ScopeRepresentation[] mine = [.. scopes.Where(s => client.DefaultClientScopes?.Contains(s.Name) == true)];
        return new RealmClient
        {
            Id = client.ClientId,
            Name = client.Name ?? client.ClientId,
            Secret = client.PublicClient ? null : client.Secret,
            IsPublic = client.PublicClient,
            Code = client.StandardFlowEnabled,
            Password = client.DirectAccessGrantsEnabled,
            ClientCredentials = client.ServiceAccountsEnabled,
            RedirectUris = client.RedirectUris ?? [],
            PostLogoutRedirectUris = client.Attribute("post.logout.redirect.uris")?.Split("##", StringSplitOptions.RemoveEmptyEntries) ?? [],
            Scopes = [.. mine.Select(s => s.Name)],
            TokenScopes = [.. mine.Where(s => s.Attribute("include.in.token.scope") != "false").Select(s => s.Name)],
            Audiences = [.. mine.SelectMany(s => s.ProtocolMappers ?? []).Select(m => m.Setting("included.custom.audience")).OfType<string>()],
        };
    }

    private static void Check(RealmSettings realm, List<string> errors)
    {
        foreach (RealmClient client in realm.Clients)
        {
            if (!client.IsPublic && string.IsNullOrEmpty(client.Secret))
            {
                errors.Add($"client {client.Id} of the realm file has no secret");
            }
            errors.AddRange(client.RedirectUris.Concat(client.PostLogoutRedirectUris)
                .Where(uri => uri.Contains('*', StringComparison.Ordinal) || !Uri.TryCreate(uri, UriKind.Absolute, out _))
                .Select(uri => $"client {client.Id} of the realm file has the redirect URI {uri}, which is not one absolute address"));
        }
        errors.AddRange(realm.ServiceAccounts.Where(a => !realm.Clients.Any(c => c.Id == a.ClientId && c.ClientCredentials))
            .Select(a => $"user {a.UserName} of the realm file is the account of {a.ClientId}, which is no client with a service account"));
        errors.AddRange(realm.Clients.Where(c => c.ClientCredentials && !realm.ServiceAccounts.Any(a => a.ClientId == c.Id))
            .Select(c => $"client {c.Id} of the realm file has no user with serviceAccountClientId {c.Id}"));
        errors.AddRange(realm.ServiceAccounts.SelectMany(a => a.RealmRoles).Except(realm.RealmRoles)
            .Select(role => $"the realm role {role} is given in the realm file but not declared"));
        if (realm.AccessTokenLife <= TimeSpan.Zero || realm.SessionIdle <= TimeSpan.Zero || realm.SessionMax <= TimeSpan.Zero || realm.CodeLife <= TimeSpan.Zero)
        {
            errors.Add("a lifetime in the realm file is not above 0 seconds");
        }
    }

    private static JsonNode? Resolve(JsonNode? node, Func<string, string?> variable, SortedSet<string> missing) => node switch
    {
        JsonObject o => new JsonObject(o.Select(p => KeyValuePair.Create(p.Key, Resolve(p.Value, variable, missing)))),
        JsonArray a => new JsonArray([.. a.Select(item => Resolve(item, variable, missing))]),
        JsonValue v when v.TryGetValue(out string? text) => JsonValue.Create(Placeholder().Replace(text, match =>
        {
            string? value = variable(match.Groups["name"].Value) ?? (match.Groups["default"].Success ? match.Groups["default"].Value : null);
            if (value is null)
            {
                missing.Add(match.Groups["name"].Value);
            }
            return value ?? "";
        })),
        null => null,
        _ => node.DeepClone(),
    };

    private static int? PolicyNumber(string? policy, string name) =>
        Regex.Match(policy ?? "", $@"\b{name}\((\d+)\)") is { Success: true } match ? int.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture) : null;

    // Upper case: what Keycloak itself fills in later, such as ${client_id}, stays.
    [GeneratedRegex(@"\$\{(?<name>[A-Z][A-Z0-9_]*)(:(?<default>[^}]*))?\}")]
    private static partial Regex Placeholder();
}
