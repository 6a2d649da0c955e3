using System.Text.Json;

namespace BookSaga.Identity.Tests;

public sealed class DiscoveryTests(IdentityFixture fixture)
{
    private const string Document = IdentityFixture.Realm + "/.well-known/openid-configuration";

    [Fact]
    public async Task Asked_inside_browsers_are_sent_to_the_public_address_and_services_stay_inside()
    {
        JsonElement document = await fixture.Identity.GetAsync(Document).JsonAsync(200);
        string inside = fixture.Identity.BaseAddress!.GetLeftPart(UriPartial.Authority) + IdentityFixture.Protocol;

        document.Text("issuer").ShouldBe(IdentityFixture.Issuer);
        document.Text("authorization_endpoint").ShouldBe(IdentityFixture.Issuer + "/protocol/openid-connect/auth");
        document.Text("end_session_endpoint").ShouldBe(IdentityFixture.Issuer + "/protocol/openid-connect/logout");
        document.Text("token_endpoint").ShouldBe(inside + "/token");
        document.Text("userinfo_endpoint").ShouldBe(inside + "/userinfo");
        document.Text("revocation_endpoint").ShouldBe(inside + "/revoke");
        document.Text("jwks_uri").ShouldBe(inside + "/certs");
        document.GetProperty("code_challenge_methods_supported").GetRawText().ShouldNotContain("plain");
        await fixture.Identity.GetAsync(document.Text("jwks_uri")).JsonAsync(200);
    }

    [Theory]
    [InlineData("localhost:8080", IdentityFixture.Issuer)]
    [InlineData("evil.example", null)]
    public async Task Through_the_gateway_every_address_is_public_and_no_other_host_is_believed(string forwarded, string? realm)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, Document) { Headers = { { "X-Forwarded-Host", forwarded } } };

        JsonElement document = await fixture.Identity.SendAsync(request).JsonAsync(200);

        document.Text("issuer").ShouldBe(IdentityFixture.Issuer);
        document.Text("jwks_uri").ShouldBe((realm ?? fixture.Identity.BaseAddress!.GetLeftPart(UriPartial.Authority) + IdentityFixture.Realm) + "/protocol/openid-connect/certs");
    }

    [Fact]
    public async Task The_published_key_is_one_RS256_key_without_its_private_half()
    {
        JsonElement keys = (await fixture.Identity.GetAsync(IdentityFixture.Protocol + "/certs").JsonAsync(200)).GetProperty("keys");

        keys.GetArrayLength().ShouldBe(1);
        keys[0].Text("alg").ShouldBe("RS256");
        keys[0].EnumerateObject().Select(p => p.Name).ShouldBe(["kid", "use", "kty", "alg", "e", "n"], ignoreOrder: true);
    }

    [Theory]
    [InlineData("/realms/other/.well-known/openid-configuration")]
    [InlineData("/realms/other/protocol/openid-connect/certs")]
    [InlineData("/realms/booksaga/protocol/openid-connect/other")]
    public async Task Another_realm_or_path_is_404(string path) =>
        await fixture.Identity.GetAsync(path).ProblemAsync(404, "not found");
}
