using System.Net.Http.Headers;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace BookSaga.Testing;

/// <summary>An identity provider on loopback with one key: discovery, keys and client credentials over HTTP, and users' tokens by call.</summary>
public sealed class TestAuthority : IAsyncDisposable
{
    public const string Issuer = "http://localhost:8080/realms/booksaga";
    private readonly RsaSecurityKey _key = new(RSA.Create(2048)) { KeyId = "test" };
    private readonly WebApplication _app;

    public TestAuthority()
    {
        Port = FreePort.Next();
        WebApplicationBuilder builder = WebApplication.CreateBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls($"http://127.0.0.1:{Port}");
        _app = builder.Build();
        var keys = new { keys = new[] { PublicKey() } };
        _app.MapGet("/realms/booksaga/.well-known/openid-configuration", () => Results.Json(new { issuer = Issuer, jwks_uri = Authority + "/protocol/openid-connect/certs" }));
        _app.MapGet("/realms/booksaga/protocol/openid-connect/certs", () => Results.Json(keys));
        _app.MapGet("/admin/realms/booksaga/users", (string email) => Results.Json(
            Registered.Where(u => u.Email == email).Select(u => new { id = u.Id, email = u.Email, firstName = u.FirstName, lastName = u.LastName })));
        _app.MapDelete("/admin/realms/booksaga/users/{id:guid}", (Guid id) =>
        {
            if (Down)
            {
                return Results.StatusCode(503);
            }
            Deleted.Enqueue(id);
            return Results.NoContent();
        });
        _app.MapPost("/realms/booksaga/protocol/openid-connect/token", () => Results.Json(new { access_token = ServiceToken(), expires_in = 300 }));
    }

    /// <summary>Who is found by e-mail; a token can be had without being here.</summary>
    public System.Collections.Concurrent.ConcurrentQueue<TestUser> Registered { get; } = new();

    /// <summary>Whose account was removed, in order.</summary>
    public System.Collections.Concurrent.ConcurrentQueue<Guid> Deleted { get; } = new();

    /// <summary>Whether nobody's account can be removed at the moment.</summary>
    public bool Down { get; set; }

    public int Port { get; }

    /// <summary>For the setting <c>Auth:Authority</c>.</summary>
    public string Authority => $"http://127.0.0.1:{Port}/realms/booksaga";

    public static async Task<TestAuthority> StartAsync()
    {
        var authority = new TestAuthority();
        await authority._app.StartAsync();
        return authority;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    /// <summary>A valid access token of <paramref name="user"/>; every claim can be replaced, or removed by null.</summary>
    public string UserToken(TestUser user, Action<Dictionary<string, object?>>? change = null, SecurityKey? key = null, string? algorithm = null, DateTime? expires = null)
    {
        var claims = new Dictionary<string, object?>
        {
            ["iss"] = Issuer,
            ["aud"] = "booksaga",
            ["sub"] = user.Id.ToString(),
            ["typ"] = "Bearer",
            ["email"] = user.Email,
            ["given_name"] = user.FirstName,
            ["family_name"] = user.LastName,
            ["realm_access"] = new Dictionary<string, object> { ["roles"] = Array.Empty<string>() },
        };
        change?.Invoke(claims);
        return Sign(claims, key ?? _key, algorithm ?? SecurityAlgorithms.RsaSha256, expires ?? DateTime.UtcNow.AddMinutes(5));
    }

    /// <summary>The token of one of our own services.</summary>
    public string ServiceToken() => UserToken(
        new TestUser(Guid.NewGuid(), "", "", ""),
        claims => claims["realm_access"] = new Dictionary<string, object> { ["roles"] = new[] { "service" } });

    /// <summary>The header of <paramref name="user"/>.</summary>
    public AuthenticationHeaderValue Header(TestUser user) => new("Bearer", UserToken(user));

    private static string Sign(Dictionary<string, object?> claims, SecurityKey key, string algorithm, DateTime expires) =>
        new JsonWebTokenHandler { SetDefaultTimesOnTokenCreation = false }.CreateToken(new SecurityTokenDescriptor
        {
            Claims = claims.Where(c => c.Value is not null).ToDictionary(c => c.Key, c => c.Value!),
            IssuedAt = expires.AddMinutes(-5),
            Expires = expires,
            SigningCredentials = algorithm == SecurityAlgorithms.None ? null : new SigningCredentials(key, algorithm),
        });

    private object PublicKey()
    {
        RSAParameters key = _key.Rsa.ExportParameters(false);
        return new { kty = "RSA", use = "sig", alg = "RS256", kid = _key.KeyId, n = Base64UrlEncoder.Encode(key.Modulus), e = Base64UrlEncoder.Encode(key.Exponent) };
    }
}

/// <summary>Somebody with a token.</summary>
public sealed record TestUser(Guid Id, string Email, string FirstName, string LastName)
{
    /// <summary>Somebody nobody has seen before.</summary>
    public static TestUser New(string firstName = "Анна", string lastName = "О'Нил")
    {
        var id = Guid.NewGuid();
        return new TestUser(id, $"{id:N}@example.com", firstName, lastName);
    }
}
