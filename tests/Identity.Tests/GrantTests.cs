using System.Net;
using System.Text.Json;

namespace BookSaga.Identity.Tests;

public sealed class GrantTests(IdentityFixture fixture)
{
    [Fact]
    public async Task A_password_gives_Keycloaks_token_object_and_claims()
    {
        string email = IdentityFixture.NewEmail();
        await fixture.RegisterAsync(email);

        JsonElement tokens = await PasswordAsync(email).JsonAsync(200);

        tokens.GetProperty("expires_in").GetInt32().ShouldBe(300);
        tokens.GetProperty("refresh_expires_in").GetInt32().ShouldBe(1800);
        tokens.Text("token_type").ShouldBe("Bearer");
        tokens.Text("scope").Split(' ').ShouldBe(["openid", "profile", "email"], ignoreOrder: true);
        JsonElement access = TokenReading.Payload(tokens.Text("access_token"));
        Guid.TryParse(access.Text("sub"), out _).ShouldBeTrue();
        access.Text("iss").ShouldBe(IdentityFixture.Issuer);
        access.Text("aud").ShouldBe("booksaga");
        access.Text("typ").ShouldBe("Bearer");
        access.Text("azp").ShouldBe("booksaga-api");
        access.Text("email").ShouldBe(email);
        access.Text("preferred_username").ShouldBe(email);
        access.GetProperty("email_verified").GetBoolean().ShouldBeFalse();
        access.Text("given_name").ShouldBe("Анна");
        access.Text("family_name").ShouldBe("О'Нил-Смит, мл.");
        access.Text("name").ShouldBe("Анна О'Нил-Смит, мл.");
        access.Text("scope").ShouldBe(tokens.Text("scope"));
        access.GetProperty("realm_access").GetProperty("roles").GetArrayLength().ShouldBe(0);
        (access.GetProperty("exp").GetInt64() - access.GetProperty("iat").GetInt64()).ShouldBe(300);
        JsonElement id = TokenReading.Payload(tokens.Text("id_token"));
        id.Text("typ").ShouldBe("ID");
        id.Text("aud").ShouldBe("booksaga-api");
        id.Text("sub").ShouldBe(access.Text("sub"));
        id.Text("email").ShouldBe(email);
    }

    [Fact]
    public async Task Without_the_scope_openid_there_is_no_id_token()
    {
        string email = IdentityFixture.NewEmail();
        await fixture.RegisterAsync(email);

        JsonElement tokens = await fixture.TokenAsync("booksaga-api", ("grant_type", "password"), ("username", email), ("password", IdentityFixture.Password)).JsonAsync(200);

        tokens.TryGetProperty("id_token", out _).ShouldBeFalse();
        tokens.Text("refresh_token").ShouldNotBeEmpty();
    }

    [Fact]
    public async Task A_wrong_password_and_an_unknown_email_look_the_same()
    {
        string email = IdentityFixture.NewEmail();
        await fixture.RegisterAsync(email);

        JsonElement wrong = await PasswordAsync(email, "wrong horse").JsonAsync(401);
        JsonElement unknown = await PasswordAsync(IdentityFixture.NewEmail()).JsonAsync(401);

        wrong.Text("error").ShouldBe("invalid_grant");
        wrong.Text("error_description").ShouldBe("Invalid user credentials");
        unknown.GetRawText().ShouldBe(wrong.GetRawText());
    }

    [Fact]
    public async Task A_service_gets_its_role_and_always_the_same_id_and_no_refresh_token()
    {
        JsonElement first = await fixture.TokenAsync("payment", ("grant_type", "client_credentials")).JsonAsync(200);
        JsonElement second = TokenReading.Payload(await fixture.ServiceTokenAsync("payment"));
        JsonElement claims = TokenReading.Payload(first.Text("access_token"));

        first.TryGetProperty("refresh_token", out _).ShouldBeFalse();
        first.TryGetProperty("id_token", out _).ShouldBeFalse();
        claims.GetProperty("realm_access").GetProperty("roles").EnumerateArray().Select(r => r.GetString()).ShouldBe(["service"]);
        claims.Text("preferred_username").ShouldBe("service-account-payment");
        claims.Text("aud").ShouldBe("booksaga");
        Guid.Parse(claims.Text("sub")).ShouldBe(Guid.Parse(second.Text("sub")));
    }

    [Theory]
    [InlineData("nobody", "secret of NOBODY", "client_credentials", 401, "invalid_client")]
    [InlineData("payment", "wrong", "client_credentials", 401, "invalid_client")]
    [InlineData("payment", "secret of PAYMENT", "password", 400, "unauthorized_client")]
    [InlineData("booksaga-api", "secret of API", "client_credentials", 400, "unauthorized_client")]
    [InlineData("booksaga-api", "secret of API", "implicit", 400, "unsupported_grant_type")]
    public async Task A_client_that_is_unknown_wrong_or_not_allowed_is_refused(string client, string secret, string grant, int status, string error)
    {
        using var form = new FormUrlEncodedContent([new("client_id", client), new("client_secret", secret), new("grant_type", grant), new("username", "a@b.c"), new("password", "whatever")]);

        JsonElement answer = await fixture.Identity.PostAsync(IdentityFixture.Protocol + "/token", form).JsonAsync(status);

        answer.Text("error").ShouldBe(error);
    }

    [Theory]
    [InlineData("username", "a\0b")]
    [InlineData("refresh_token", "a\0b")]
    [InlineData("client_id", "a\0b")]
    public async Task A_character_that_no_form_holds_is_the_clients_mistake(string field, string value)
    {
        using var form = new FormUrlEncodedContent([new(field, value), new("grant_type", "password")]);

        await fixture.Identity.PostAsync(IdentityFixture.Protocol + "/token", form).ProblemAsync(400, "invalid request");
    }

    [Fact]
    public async Task Userinfo_says_who_the_token_is_and_refuses_everything_else()
    {
        string email = IdentityFixture.NewEmail();
        JsonElement tokens = await fixture.RegisterAsync(email);
        const string Path = IdentityFixture.Protocol + "/userinfo";

        JsonElement info = await IdentityFixture.SendAsync(fixture.Identity, HttpMethod.Get, Path, tokens.Text("access_token")).JsonAsync(200);

        info.Text("sub").ShouldBe(TokenReading.Payload(tokens.Text("access_token")).Text("sub"));
        info.Text("email").ShouldBe(email);
        foreach (string bad in new[] { tokens.Text("id_token"), tokens.Text("refresh_token"), "nonsense" })
        {
            using HttpResponseMessage refused = await IdentityFixture.SendAsync(fixture.Identity, HttpMethod.Get, Path, bad);
            refused.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        }
    }

    [Fact]
    public async Task No_token_and_no_password_is_kept_in_the_clear()
    {
        string email = IdentityFixture.NewEmail();
        JsonElement tokens = await fixture.RegisterAsync(email);

        await using var find = fixture.Database.Db.CreateCommand("""
            SELECT (SELECT count(*) FROM openid_tokens t WHERE t::text LIKE '%' || $1 || '%') + (SELECT count(*) FROM users u WHERE u::text LIKE '%' || $2 || '%')
            """);
        find.Parameters.Add(new() { Value = tokens.Text("refresh_token") });
        find.Parameters.Add(new() { Value = IdentityFixture.Password });
        (await find.ExecuteScalarAsync()).ShouldBe(0L);
    }

    private Task<HttpResponseMessage> PasswordAsync(string email, string password = IdentityFixture.Password) =>
        fixture.TokenAsync("booksaga-api", ("grant_type", "password"), ("scope", "openid"), ("username", email), ("password", password));
}
