using System.Security.Claims;
using System.Security.Cryptography;
using BenchmarkDotNet.Attributes;
using BookSaga.Hosting.Auth;
using Microsoft.AspNetCore.Authentication;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace BookSaga.Micro;

/// <summary>A token by the library, and one that was verified within the last minute.</summary>
[InProcess, MemoryDiagnoser]
public class TokenChecks
{
    private static readonly string[] s_roles = ["default-roles-booksaga"];
    private readonly VerifiedTokens _verified = new(TimeProvider.System);
    private readonly JsonWebTokenHandler _library = new() { MapInboundClaims = false };
    private readonly TokenValidationParameters _rules;
    private readonly string _token;
    private readonly string _header;

    public TokenChecks()
    {
        var key = new RsaSecurityKey(RSA.Create(2048)) { KeyId = "one" };
        _rules = new TokenValidationParameters { IssuerSigningKey = key, ValidIssuer = "us", ValidAudience = "booksaga" };
        _token = _library.CreateToken(new SecurityTokenDescriptor
        {
            Issuer = "us",
            Audience = "booksaga",
            Expires = TimeProvider.System.GetUtcNow().UtcDateTime.AddHours(1),
            Claims = new Dictionary<string, object>
            {
                ["sub"] = Guid.CreateVersion7().ToString(), ["typ"] = "Bearer", ["email"] = "client@example.com", ["given_name"] = "Clara", ["family_name"] = "Client",
                ["realm_access"] = new Dictionary<string, object> { ["roles"] = s_roles },
            },
            SigningCredentials = new SigningCredentials(key, SecurityAlgorithms.RsaSha256),
        });
        _header = "Bearer " + _token;
    }

    [Benchmark(Baseline = true)]
    public Task<TokenValidationResult> Library() => _library.ValidateTokenAsync(_token, _rules);

    [Benchmark]
    public Task<AuthenticateResult> Remembered() => _verified.Find(_header) ?? Task.FromResult(Remember());

    // Once a minute.
    private AuthenticateResult Remember() =>
        _verified.Remember(_header, new AuthenticationTicket(new ClaimsPrincipal(new ClaimsIdentity()), "Bearer"), TimeProvider.System.GetUtcNow().AddHours(1));
}
