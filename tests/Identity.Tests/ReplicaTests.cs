using System.Net;
using System.Text.Json;
using BookSaga.Identity.Users;

namespace BookSaga.Identity.Tests;

/// <summary>Replicas, restarts and a database that is not there.</summary>
public sealed class ReplicaTests
{
    [Fact]
    public async Task Two_replicas_that_start_at_once_on_an_empty_database_are_one_provider_and_a_restart_changes_nothing()
    {
        await using TestDatabase database = await TestDatabase.CreateAsync();
        TestService<User>[] replicas = await Task.WhenAll(
            Task.Run(() => IdentityFixture.Start(database).StartAsync()), Task.Run(() => IdentityFixture.Start(database).StartAsync()));
        using HttpClient first = replicas[0].Http(null);
        using HttpClient second = replicas[1].Http(null);

        string keys = await first.GetStringAsync(IdentityFixture.Protocol + "/certs");
        (await second.GetStringAsync(IdentityFixture.Protocol + "/certs")).ShouldBe(keys);
        string email = await CreateUserAsync(first);
        JsonElement tokens = await PasswordAsync(first, email);
        tokens = await RefreshAsync(second, tokens);
        // The page comes from one replica, the form goes to the other, and back.
        using var browser = new Browser(first.BaseAddress!);
        (await browser.SignInAcrossAsync(second.BaseAddress!, BrowserTests.AuthorizeUrl(), email)).ShouldNotBeNull();

        await replicas[0].DisposeAsync();
        await replicas[1].DisposeAsync();
        await using TestService<User> restarted = await IdentityFixture.Start(database).StartAsync();
        using HttpClient third = restarted.Http(null);
        (await third.GetStringAsync(IdentityFixture.Protocol + "/certs")).ShouldBe(keys);
        tokens = await RefreshAsync(third, tokens);
        tokens.Text("access_token").ShouldNotBeEmpty();
    }

    [Fact]
    public async Task Without_its_database_it_answers_503_and_comes_up_by_itself()
    {
        await using TestDatabase database = await TestDatabase.CreateAsync();
        await database.TakeDownAsync();
        await using TestService<User> identity = await IdentityFixture.Start(database).StartAsync(ready: false);
        using HttpClient http = identity.Http(null);

        using HttpResponseMessage token = await http.PostAsync(IdentityFixture.Protocol + "/token", IdentityFixture.Form("payment", ("grant_type", "client_credentials")));
        using HttpResponseMessage alive = await http.GetAsync("/healthz");
        using HttpResponseMessage ready = await http.GetAsync("/readyz");
        await database.RestoreAsync();
        await identity.StartAsync();
        using HttpResponseMessage after = await http.PostAsync(IdentityFixture.Protocol + "/token", IdentityFixture.Form("payment", ("grant_type", "client_credentials")));

        (token.StatusCode, alive.StatusCode, ready.StatusCode, after.StatusCode).ShouldBe(
            (HttpStatusCode.ServiceUnavailable, HttpStatusCode.OK, HttpStatusCode.ServiceUnavailable, HttpStatusCode.OK));
        token.Headers.RetryAfter.ShouldNotBeNull();
    }

    [Fact]
    public async Task A_database_that_goes_away_is_503_and_nothing_is_lost_when_it_is_back()
    {
        await using TestDatabase database = await TestDatabase.CreateAsync();
        await using TestService<User> identity = await IdentityFixture.Start(database).StartAsync();
        using HttpClient http = identity.Http(null);
        JsonElement tokens = await PasswordAsync(http, await CreateUserAsync(http));

        await database.TakeDownAsync();
        using HttpResponseMessage away = await http.PostAsync(
            IdentityFixture.Protocol + "/token", IdentityFixture.Form("booksaga-api", ("grant_type", "refresh_token"), ("refresh_token", tokens.Text("refresh_token"))));
        using HttpResponseMessage keys = await http.GetAsync(IdentityFixture.Protocol + "/certs");
        await database.RestoreAsync();
        await RefreshAsync(http, tokens);

        (away.StatusCode, keys.StatusCode).ShouldBe((HttpStatusCode.ServiceUnavailable, HttpStatusCode.OK));
    }

    private static async Task<string> CreateUserAsync(HttpClient http)
    {
        string email = IdentityFixture.NewEmail();
        JsonElement service = await http.PostAsync(IdentityFixture.Protocol + "/token", IdentityFixture.Form("customer", ("grant_type", "client_credentials"))).JsonAsync(200);
        using HttpResponseMessage made = await IdentityFixture.SendAsync(
            http, HttpMethod.Post, IdentityFixture.Users, service.Text("access_token"),
            new { email, firstName = "A", lastName = "B", credentials = new[] { new { type = "password", value = IdentityFixture.Password } } });
        made.StatusCode.ShouldBe(HttpStatusCode.Created);
        return email;
    }

    private static Task<JsonElement> PasswordAsync(HttpClient http, string email) => http.PostAsync(
        IdentityFixture.Protocol + "/token", IdentityFixture.Form("booksaga-api", ("grant_type", "password"), ("username", email), ("password", IdentityFixture.Password))).JsonAsync(200);

    private static Task<JsonElement> RefreshAsync(HttpClient http, JsonElement tokens) => http.PostAsync(
        IdentityFixture.Protocol + "/token", IdentityFixture.Form("booksaga-api", ("grant_type", "refresh_token"), ("refresh_token", tokens.Text("refresh_token")))).JsonAsync(200);
}
