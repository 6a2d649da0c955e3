using BookSaga.Identity.Realm;

namespace BookSaga.Identity;

/// <summary>What the process is told; every mistake in it is reported at once.</summary>
/// <param name="Issuer">The public address of the realm, exactly as <c>iss</c> has it (<c>Auth:Issuer</c>).</param>
/// <param name="Realm">The realm of the file at <c>Identity:RealmFile</c>.</param>
/// <param name="Operator">The account with the realm role <c>operator</c>, when one is set.</param>
internal sealed record IdentitySettings(Uri Issuer, RealmSettings Realm, OperatorAccount? Operator)
{
    /// <summary>The public address of the server, without the realm.</summary>
    public string PublicOrigin => Issuer.GetLeftPart(UriPartial.Authority);

    /// <summary>The path of the realm: <c>/realms/booksaga</c>.</summary>
    public string RealmPath => "/realms/" + Realm.Name;

    /// <summary>The path of the protocol's calls.</summary>
    public string ProtocolPath => RealmPath + "/protocol/openid-connect";

    /// <summary>The path of the realm's administration.</summary>
    public string AdminPath => "/admin/realms/" + Realm.Name;

    /// <summary>Reads the settings <c>Auth:Issuer</c>, <c>Identity:*</c> and the realm file.</summary>
    /// <exception cref="InvalidOperationException">Something is missing or wrong; the message names all of it.</exception>
    public static IdentitySettings Read(IConfiguration configuration)
    {
        var errors = new List<string>();
        if (!Uri.TryCreate(configuration["Auth:Issuer"], UriKind.Absolute, out Uri? issuer) || issuer.Scheme is not ("http" or "https"))
        {
            errors.Add("Auth:Issuer (the public address of the realm, such as http://localhost:8080/realms/booksaga) is not an http(s) address");
        }
        if (string.IsNullOrEmpty(configuration["Database:Url"]))
        {
            errors.Add("Database:Url (postgres://user:password@host:5432/identity) is not set");
        }
        RealmSettings? realm = ReadRealm(configuration, issuer, errors);
        if (realm is not null && issuer is not null && issuer.AbsolutePath != "/realms/" + realm.Name)
        {
            errors.Add($"Auth:Issuer does not end in /realms/{realm.Name}, the realm of the realm file");
        }
        (string? mail, string? password) = (configuration["Identity:OperatorEmail"], configuration["Identity:OperatorPassword"]);
        if (string.IsNullOrEmpty(mail) != string.IsNullOrEmpty(password))
        {
            errors.Add("Identity:OperatorEmail and Identity:OperatorPassword go together");
        }
        return errors.Count == 0
            ? new IdentitySettings(issuer!, realm!, string.IsNullOrEmpty(mail) ? null : new OperatorAccount(mail.ToLowerInvariant(), password!))
            : throw new InvalidOperationException($"Identity cannot start: {string.Join("; ", errors)}.");
    }

    private static RealmSettings? ReadRealm(IConfiguration configuration, Uri? issuer, List<string> errors)
    {
        string path = configuration["Identity:RealmFile"] is { Length: > 0 } told ? told : Path.Combine(AppContext.BaseDirectory, "booksaga-realm.json");
        try
        {
            // PUBLIC_URL is where people reach the gateway, which the issuer's address says already.
            return RealmFile.Read(
                File.ReadAllText(path),
                name => configuration[name] is { Length: > 0 } value ? value : name == "PUBLIC_URL" ? issuer?.GetLeftPart(UriPartial.Authority) : null,
                errors);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            errors.Add($"the realm file at Identity:RealmFile cannot be read: {e.Message}");
            return null;
        }
    }
}

/// <summary>Who runs the marketplace; made at start, because nobody can give the role to himself.</summary>
/// <param name="Email">Lower-cased.</param>
/// <param name="Password">As the password policy has it.</param>
internal sealed record OperatorAccount(string Email, string Password);
