using System.Security.Cryptography;
using BookSaga.Hosting.Data;
using Microsoft.IdentityModel.Protocols;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using Microsoft.IdentityModel.Tokens;
using Npgsql;

namespace BookSaga.Identity.Keys;

/// <summary>
/// The realm's keys: RSA for signatures, AES for what only this server reads (codes, refresh tokens). Made once and kept in the
/// database; of replicas that make them at the same moment the first to commit wins. Also tells the token check of this
/// process which key is valid, without asking itself over HTTP.
/// </summary>
internal sealed class KeyRing(NpgsqlDataSource db, IdentitySettings settings) : IConfigurationManager<OpenIdConnectConfiguration>
{
    private const int RsaBits = 2048; // RFC 7518, section 3.3: 2048 bits or larger for RS256
    private const string KeepSql = "INSERT INTO server_key (name, content) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING";
    private const string LoadSql = "SELECT content FROM server_key WHERE name = $1";

    private RsaSecurityKey? _signing;
    private SymmetricSecurityKey? _encryption;

    public RsaSecurityKey Signing => _signing ?? throw new InvalidOperationException("The keys are not loaded yet.");

    public SymmetricSecurityKey Encryption => _encryption ?? throw new InvalidOperationException("The keys are not loaded yet.");

    /// <summary>Loads the keys, making them first in a new database.</summary>
    public async Task LoadAsync(CancellationToken ct)
    {
        var rsa = RSA.Create();
        rsa.ImportPkcs8PrivateKey(await LoadAsync("signing", NewRsa, ct), out _);
        byte[] thumbprint = SHA256.HashData(rsa.ExportSubjectPublicKeyInfo());
        _signing = new RsaSecurityKey(rsa) { KeyId = Base64UrlEncoder.Encode(thumbprint) };
        _encryption = new SymmetricSecurityKey(await LoadAsync("encryption", static () => RandomNumberGenerator.GetBytes(32), ct));
    }

    /// <inheritdoc />
    public Task<OpenIdConnectConfiguration> GetConfigurationAsync(CancellationToken cancel)
    {
        var configuration = new OpenIdConnectConfiguration { Issuer = settings.Issuer.AbsoluteUri };
        configuration.SigningKeys.Add(Signing);
        return Task.FromResult(configuration);
    }

    /// <inheritdoc />
    public void RequestRefresh()
    {
    }

    private async Task<byte[]> LoadAsync(string name, Func<byte[]> create, CancellationToken ct)
    {
        byte[]? kept = await db.QueryFirstAsync(LoadSql, r => r.GetFieldValue<byte[]>(0), ct, name);
        if (kept is not null)
        {
            return kept;
        }
        await db.ExecuteAsync(KeepSql, ct, name, create());
        return await db.QueryFirstAsync(LoadSql, r => r.GetFieldValue<byte[]>(0), ct, name)
            ?? throw new InvalidOperationException($"The {name} key is gone right after it was stored.");
    }

    private static byte[] NewRsa()
    {
        using var rsa = RSA.Create(RsaBits);
        return rsa.ExportPkcs8PrivateKey();
    }
}
