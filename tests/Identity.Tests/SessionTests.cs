using System.Net;
using System.Text.Json;

namespace BookSaga.Identity.Tests;

public sealed class SessionTests(IdentityFixture fixture)
{
    [Fact]
    public async Task A_refresh_rotates_and_the_second_use_of_the_old_token_ends_the_session()
    {
        JsonElement first = await fixture.RegisterAsync(IdentityFixture.NewEmail());

        JsonElement second = await RefreshAsync(first.Text("refresh_token")).JsonAsync(200);
        JsonElement reuse = await RefreshAsync(first.Text("refresh_token")).JsonAsync(400);

        second.Text("refresh_token").ShouldNotBe(first.Text("refresh_token"));
        TokenReading.Payload(second.Text("id_token")).Text("sub").ShouldBe(TokenReading.Payload(first.Text("id_token")).Text("sub"));
        second.GetProperty("refresh_expires_in").GetInt32().ShouldBe(1800);
        reuse.Text("error").ShouldBe("invalid_grant");
        (await RefreshAsync(second.Text("refresh_token")).JsonAsync(400)).Text("error").ShouldBe("invalid_grant");
    }

    [Fact]
    public async Task Of_eight_uses_of_one_refresh_token_at_the_same_moment_at_most_one_wins()
    {
        JsonElement tokens = await fixture.RegisterAsync(IdentityFixture.NewEmail());

        HttpResponseMessage[] answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => RefreshAsync(tokens.Text("refresh_token"))));

        answers.Count(a => a.StatusCode == HttpStatusCode.OK).ShouldBeLessThanOrEqualTo(1);
        answers.ShouldAllBe(a => a.StatusCode == HttpStatusCode.OK || a.StatusCode == HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task A_refresh_token_is_good_for_its_own_client_alone()
    {
        JsonElement tokens = await fixture.RegisterAsync(IdentityFixture.NewEmail());

        JsonElement stolen = await fixture.TokenAsync("booksaga-web", ("grant_type", "refresh_token"), ("refresh_token", tokens.Text("refresh_token"))).JsonAsync(400);

        stolen.Text("error").ShouldBe("invalid_grant");
        await RefreshAsync(tokens.Text("refresh_token")).JsonAsync(200);
    }

    [Fact]
    public async Task A_logout_ends_the_session_once()
    {
        JsonElement tokens = await fixture.RegisterAsync(IdentityFixture.NewEmail());
        string refreshToken = tokens.Text("refresh_token");
        await IdentityFixture.SendAsync(fixture.Identity, HttpMethod.Get, IdentityFixture.Protocol + "/userinfo", tokens.Text("access_token")).JsonAsync(200);

        (await LogoutAsync("booksaga-web", refreshToken).JsonAsync(400)).Text("error").ShouldBe("invalid_grant");
        await LogoutAsync("booksaga-api", refreshToken).JsonAsync(204);

        (await LogoutAsync("booksaga-api", refreshToken).JsonAsync(400)).Text("error").ShouldBe("invalid_grant");
        (await RefreshAsync(refreshToken).JsonAsync(400)).Text("error").ShouldBe("invalid_grant");
        using HttpResponseMessage info = await IdentityFixture.SendAsync(fixture.Identity, HttpMethod.Get, IdentityFixture.Protocol + "/userinfo", tokens.Text("access_token"));
        info.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
    }

    [Theory]
    [InlineData("wrong", 401, "invalid_client")]
    [InlineData("secret of API", 400, "invalid_grant")]
    public async Task A_logout_needs_the_clients_secret_and_a_real_token(string secret, int status, string error)
    {
        using var form = new FormUrlEncodedContent([new("client_id", "booksaga-api"), new("client_secret", secret), new("refresh_token", "made up")]);

        JsonElement answer = await fixture.Identity.PostAsync(IdentityFixture.Protocol + "/logout", form).JsonAsync(status);

        answer.Text("error").ShouldBe(error);
    }

    [Fact]
    public async Task A_revoked_refresh_token_is_dead()
    {
        JsonElement tokens = await fixture.RegisterAsync(IdentityFixture.NewEmail());

        using HttpResponseMessage revoked = await fixture.Identity.PostAsync(
            IdentityFixture.Protocol + "/revoke", IdentityFixture.Form("booksaga-api", ("token", tokens.Text("refresh_token"))));

        revoked.StatusCode.ShouldBe(HttpStatusCode.OK);
        (await RefreshAsync(tokens.Text("refresh_token")).JsonAsync(400)).Text("error").ShouldBe("invalid_grant");
    }

    private Task<HttpResponseMessage> RefreshAsync(string refreshToken) =>
        fixture.TokenAsync("booksaga-api", ("grant_type", "refresh_token"), ("refresh_token", refreshToken));

    private Task<HttpResponseMessage> LogoutAsync(string client, string refreshToken) =>
        fixture.Identity.PostAsync(IdentityFixture.Protocol + "/logout", IdentityFixture.Form(client, ("refresh_token", refreshToken)));
}
