using System.Net;
using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace BookSaga.Identity.Tests;

/// <summary>What a service lets in, tried with tokens of the provider's own key.</summary>
public sealed class TokenCheckTests(IdentityFixture fixture)
{
    [Fact]
    public async Task A_service_lets_an_access_token_in_and_an_id_token_and_a_refresh_token_not()
    {
        JsonElement tokens = await fixture.RegisterAsync(IdentityFixture.NewEmail());

        await MeAsync(tokens.Text("access_token")).JsonAsync(200);
        await MeAsync(tokens.Text("id_token")).ProblemAsync(401, "invalid claims");
        await MeAsync(tokens.Text("refresh_token")).ProblemAsync(401, "invalid claims");
        await MeAsync(null).ProblemAsync(401, "invalid claims");
    }

    [Fact]
    public async Task Internal_routes_are_for_services_alone()
    {
        string person = (await fixture.RegisterAsync(IdentityFixture.NewEmail())).Text("access_token");

        await IdentityFixture.SendAsync(fixture.Shop, HttpMethod.Get, "/internal", person).ProblemAsync(403, "forbidden");
        await IdentityFixture.SendAsync(fixture.Shop, HttpMethod.Get, "/internal", await fixture.ServiceTokenAsync("booking")).JsonAsync(204);
    }

    [Fact]
    public async Task A_token_made_with_the_right_key_passes_so_that_the_refusals_below_mean_something() =>
        await MeAsync(await ForgeAsync()).JsonAsync(200);

    [Theory]
    [InlineData("iss", "http://evil.example/realms/booksaga")]
    [InlineData("aud", "account")]
    [InlineData("typ", "ID")]
    [InlineData("typ", null)]
    [InlineData("sub", "not a UUID")]
    [InlineData("exp", "past")]
    public async Task A_claim_that_is_wrong_closes_the_door(string claim, string? value)
    {
        using HttpResponseMessage answer = await MeAsync(await ForgeAsync(claim, value));

        answer.StatusCode.ShouldBeOneOf(HttpStatusCode.Unauthorized, HttpStatusCode.Forbidden);
    }

    [Fact]
    public async Task A_token_without_a_signature_or_with_a_changed_or_foreign_one_is_401()
    {
        string good = await ForgeAsync();
        string[] parts = good.Split('.');
        using var foreign = RSA.Create(2048);
        using RSA own = await KeyAsync();
        var hmac = new SymmetricSecurityKey(own.ExportSubjectPublicKeyInfo());

        string[] bad =
        [
            $"{Base64UrlEncoder.Encode("""{"alg":"none","typ":"JWT"}""")}.{parts[1]}.",
            $"{Base64UrlEncoder.Encode("""{"alg":"none","typ":"JWT"}""")}.{parts[1]}.{parts[2]}",
            $"{parts[0]}.{Base64UrlEncoder.Encode(Base64UrlEncoder.Decode(parts[1]).Replace("@example.com", "@example.org", StringComparison.Ordinal))}.{parts[2]}",
            Sign(new RsaSecurityKey(foreign), SecurityAlgorithms.RsaSha256, "", null),
            Sign(hmac, SecurityAlgorithms.HmacSha256, "", null),
        ];

        foreach (string token in bad)
        {
            await MeAsync(token).ProblemAsync(401, "invalid claims");
        }
    }

    private Task<HttpResponseMessage> MeAsync(string? token) => IdentityFixture.SendAsync(fixture.Shop, HttpMethod.Get, "/me", token);

    private async Task<string> ForgeAsync(string claim = "", string? value = null)
    {
        using RSA rsa = await KeyAsync();
        return Sign(new RsaSecurityKey(rsa.ExportParameters(true)), SecurityAlgorithms.RsaSha256, claim, value);
    }

    private static string Sign(SecurityKey key, string algorithm, string claim, string? value)
    {
        DateTime expires = DateTime.UtcNow.AddMinutes(claim == "exp" ? -1 : 5);
        var claims = new Dictionary<string, object> { ["iss"] = IdentityFixture.Issuer, ["aud"] = "booksaga", ["sub"] = Guid.NewGuid().ToString(), ["typ"] = "Bearer", ["email"] = "a@example.com" };
        if (value is null)
        {
            claims.Remove(claim);
        }
        else if (claim != "exp")
        {
            claims[claim] = value;
        }
        return new JsonWebTokenHandler { SetDefaultTimesOnTokenCreation = false }.CreateToken(
            new SecurityTokenDescriptor { Claims = claims, Expires = expires, IssuedAt = expires.AddMinutes(-5), SigningCredentials = new SigningCredentials(key, algorithm) });
    }

    private async Task<RSA> KeyAsync()
    {
        await using var command = fixture.Database.Db.CreateCommand("SELECT content FROM server_key WHERE name = 'signing'");
        var rsa = RSA.Create();
        rsa.ImportPkcs8PrivateKey((byte[])(await command.ExecuteScalarAsync())!, out _);
        return rsa;
    }
}
