using System.Net;
using System.Text.Json;
using BookSaga.Hosting.Accounts;
using Microsoft.AspNetCore.Builder;

namespace BookSaga.Identity.Tests;

public sealed class AccountRoutesTests(IdentityFixture fixture)
{
    [Theory]
    [InlineData("customer")]
    [InlineData("company")]
    public async Task Register_login_refresh_and_logout(string area)
    {
        string email = IdentityFixture.NewEmail();
        var person = new { email, password = "abcDEF123456789", first_name = "Jean-Luc", last_name = "d'Arc, Jr." };

        JsonElement registered = await fixture.Shop.PostAsync($"/api/v1/{area}/register", person).JsonAsync(200);
        JsonElement loggedIn = await fixture.Shop.PostAsync($"/api/v1/{area}/login", new { email = email.ToUpperInvariant(), person.password }).JsonAsync(200);
        JsonElement me = await IdentityFixture.SendAsync(fixture.Shop, HttpMethod.Get, "/me", loggedIn.Text("access_token")).JsonAsync(200);
        JsonElement refreshed = await PostRawAsync($"/api/v1/{area}/token", new { refreshToken = loggedIn.Text("refresh_token") }).JsonAsync(200);
        JsonElement again = await PostRawAsync($"/api/v1/{area}/token", new { refresh_token = refreshed.Text("refresh_token") }).JsonAsync(200);

        registered.EnumerateObject().Select(p => p.Name).ShouldBe(
            ["access_token", "id_token", "expires_in", "refresh_expires_in", "refresh_token", "token_type", "scope"], ignoreOrder: true);
        (registered.GetProperty("expires_in").GetInt32(), registered.GetProperty("refresh_expires_in").GetInt32(), registered.Text("token_type")).ShouldBe((300, 1800, "Bearer"));
        (me.Text("email"), me.Text("first_name"), me.Text("last_name")).ShouldBe((email, "Jean-Luc", "d'Arc, Jr."));
        await PostRawAsync($"/api/v1/{area}/logout", new { refreshToken = again.Text("refresh_token") }).JsonAsync(204);
        await PostRawAsync($"/api/v1/{area}/logout", new { refreshToken = again.Text("refresh_token") }).ProblemAsync(400, "invalid refresh token");
        await PostRawAsync($"/api/v1/{area}/token", new { refreshToken = again.Text("refresh_token") }).ProblemAsync(401, "invalid claims");
    }

    [Fact]
    public async Task One_account_serves_both_areas_and_its_email_is_taken_in_any_letters()
    {
        string email = IdentityFixture.NewEmail();
        await fixture.RegisterAsync(email);

        await fixture.Shop.PostAsync("/api/v1/company/login", new { email, password = IdentityFixture.Password }).JsonAsync(200);
        await fixture.Shop.PostAsync("/api/v1/company/register", Person(email: email.ToUpperInvariant())).ProblemAsync(409, "email taken");
    }

    [Theory]
    [InlineData("first_name", "", "first_name is required")]
    [InlineData("first_name", "  ", "first_name is required")]
    [InlineData("last_name", null, "last_name is required")]
    [InlineData("last_name", "a\u0000b", "last_name has control characters")]
    [InlineData("email", null, "email is required")]
    [InlineData("email", "   ", "email is required")]
    [InlineData("email", "no-at", "email is not a mail address")]
    [InlineData("email", "two@@at.example", "email is not a mail address")]
    [InlineData("email", "a@b@c.example", "email is not a mail address")]
    [InlineData("email", "sp ace@b.example", "email is not a mail address")]
    [InlineData("email", "@b.example", "email is not a mail address")]
    [InlineData("email", "a@", "email is not a mail address")]
    [InlineData("email", "a@b..example", "email is not a mail address")]
    [InlineData("email", "a@b.example\r\nBcc: x@y.z", "email is not a mail address")]
    [InlineData("email", "<script>@b.example", "email is not a mail address")]
    [InlineData("password", null, "password is required")]
    [InlineData("password", "", "password is required")]
    [InlineData("password", "1234567\u0000", "password has the character U+0000")]
    [InlineData("password", "1234567", "password must have at least 8 characters")]
    public async Task A_field_that_breaks_a_rule_is_named(string field, string? value, string error) =>
        await fixture.Shop.PostAsync("/api/v1/customer/register", Person(field, value)).ProblemAsync(400, error);

    [Fact]
    public async Task Limits_are_stated()
    {
        string name = new('Ж', 255);
        string email = $"{Guid.NewGuid():N}@{new string('d', 254 - 33)}";

        await fixture.Shop.PostAsync("/api/v1/customer/register", Person("first_name", name + "Ж")).ProblemAsync(400, "first_name must have at most 255 characters");
        await fixture.Shop.PostAsync("/api/v1/customer/register", Person("password", new string('p', 129))).ProblemAsync(400, "password must have at most 128 characters");
        await fixture.Shop.PostAsync("/api/v1/customer/register", Person("email", email + "d")).ProblemAsync(400, "email is not a mail address");
        await fixture.Shop.PostAsync("/api/v1/customer/register", new { email, password = new string('p', 128), first_name = name, last_name = name }).JsonAsync(200);
    }

    [Theory]
    [InlineData("        ", "X", "Y")]
    [InlineData("пароль с пробелами", "Ольга", "Иванова-Петрова")]
    [InlineData("&=+%\"'<>;--12", "李", "小龙")]
    public async Task Any_characters_make_a_password_and_any_letters_a_name(string password, string firstName, string lastName)
    {
        string email = IdentityFixture.NewEmail();

        await fixture.Shop.PostAsync("/api/v1/customer/register", new { email, password, first_name = firstName, last_name = lastName }).JsonAsync(200);
        JsonElement tokens = await fixture.Shop.PostAsync("/api/v1/customer/login", new { email, password }).JsonAsync(200);

        TokenReading.Payload(tokens.Text("access_token")).Text("given_name").ShouldBe(firstName);
        TokenReading.Payload(tokens.Text("access_token")).Text("family_name").ShouldBe(lastName);
    }

    [Fact]
    public async Task A_wrong_login_is_401_and_a_body_that_is_no_JSON_400()
    {
        string email = IdentityFixture.NewEmail();
        await fixture.RegisterAsync(email);
        using var broken = new StringContent("{", System.Text.Encoding.UTF8, "application/json");

        await fixture.Shop.PostAsync("/api/v1/customer/login", new { email, password = "wrong horse" }).ProblemAsync(401, "invalid claims");
        await fixture.Shop.PostAsync("/api/v1/customer/login", new { email = IdentityFixture.NewEmail(), password = "wrong horse" }).ProblemAsync(401, "invalid claims");
        await fixture.Shop.PostAsync("/api/v1/customer/login", new { email = "a\0b@example.com", password = "wrong horse" }).ProblemAsync(401, "invalid claims");
        await fixture.Shop.PostAsync("/api/v1/customer/token", new { refresh_token = "a\0b" }).ProblemAsync(401, "invalid claims");
        await fixture.Shop.PostAsync("/api/v1/customer/logout", new { refresh_token = "a\0b" }).ProblemAsync(400, "invalid refresh token");
        await fixture.Shop.PostAsync("/api/v1/customer/login", new { email }).ProblemAsync(401, "invalid claims");
        await fixture.Shop.PostAsync("/api/v1/customer/token", new { }).ProblemAsync(401, "invalid claims");
        await fixture.Shop.PostAsync("/api/v1/customer/logout", new { }).ProblemAsync(400, "invalid refresh token");
        await fixture.Shop.PostAsync("/api/v1/customer/login", broken).ProblemAsync(400, "invalid request");
    }

    [Fact]
    public async Task The_directory_finds_people_by_email_in_any_letters()
    {
        string email = IdentityFixture.NewEmail();
        JsonElement tokens = await fixture.RegisterAsync(email, "Анна", "Ли");

        DirectoryEntry? found = await fixture.Directory.FindByEmailAsync(" " + email.ToUpperInvariant(), TestContext.Current.CancellationToken);

        found.ShouldBe(new DirectoryEntry(Guid.Parse(TokenReading.Payload(tokens.Text("access_token")).Text("sub")), "Анна", "Ли", email));
        (await fixture.Directory.FindByEmailAsync(IdentityFixture.NewEmail(), TestContext.Current.CancellationToken)).ShouldBeNull();
    }

    [Fact]
    public async Task While_the_provider_is_away_every_route_is_503_with_Retry_After()
    {
        (WebApplication app, HttpClient shop) = await IdentityFixture.StartShopAsync(FreePort.Next());
        await using (app)
        {
            foreach ((string route, object body) in new (string, object)[] { ("register", Person()), ("login", Person()), ("token", new { refresh_token = "x" }), ("logout", new { refresh_token = "x" }) })
            {
                using HttpResponseMessage answer = await shop.PostAsync("/api/v1/customer/" + route, body);
                answer.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
                answer.Headers.RetryAfter.ShouldNotBeNull();
            }
        }
    }

    private static Dictionary<string, string?> Person(string field = "", string? value = null, string? email = null)
    {
        var person = new Dictionary<string, string?> { ["email"] = email ?? IdentityFixture.NewEmail(), ["password"] = IdentityFixture.Password, ["first_name"] = "Ann", ["last_name"] = "Lee" };
        if (field.Length > 0)
        {
            person[field] = value;
        }
        return person;
    }

    // The field names as they are, in camelCase too.
    private Task<HttpResponseMessage> PostRawAsync(string path, object body) => IdentityFixture.SendAsync(fixture.Shop, HttpMethod.Post, path, token: null, JsonSerializer.SerializeToElement(body));
}
