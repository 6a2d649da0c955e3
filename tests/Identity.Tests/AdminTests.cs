using System.Net;
using System.Text.Json;

namespace BookSaga.Identity.Tests;

public sealed class AdminTests(IdentityFixture fixture)
{
    [Fact]
    public async Task A_service_with_the_right_makes_a_person_and_finds_it_by_address_and_email()
    {
        string email = IdentityFixture.NewEmail();
        string token = await fixture.ServiceTokenAsync("company");

        using HttpResponseMessage made = await CreateAsync(token, email.ToUpperInvariant());
        JsonElement byId = await GetAsync(made.Headers.Location!.AbsolutePath, token).JsonAsync(200);
        JsonElement byEmail = await GetAsync($"{IdentityFixture.Users}?email={email}&exact=true", token).JsonAsync(200);
        JsonElement byPart = await GetAsync($"{IdentityFixture.Users}?email={email[4..20]}", token).JsonAsync(200);

        made.StatusCode.ShouldBe(HttpStatusCode.Created);
        byId.Text("email").ShouldBe(email);
        byId.Text("firstName").ShouldBe("Ann");
        byEmail.GetArrayLength().ShouldBe(1);
        byEmail[0].Text("id").ShouldBe(byId.Text("id"));
        byPart[0].Text("id").ShouldBe(byId.Text("id"));
    }

    [Fact]
    public async Task A_person_who_is_removed_cannot_sign_in_nor_refresh_and_the_address_is_free()
    {
        string email = IdentityFixture.NewEmail();
        JsonElement session = await fixture.RegisterAsync(email);
        string token = await fixture.ServiceTokenAsync("customer");
        string address = $"{IdentityFixture.Users}/{(await GetAsync($"{IdentityFixture.Users}?email={email}&exact=true", token).JsonAsync(200))[0].Text("id")}";

        await DeleteAsync(address, session.Text("access_token")).ProblemAsync(403, "forbidden");
        await DeleteAsync(address, await fixture.ServiceTokenAsync("booking")).ProblemAsync(403, "forbidden");
        (await DeleteAsync(address, token)).StatusCode.ShouldBe(HttpStatusCode.NoContent);

        (await DeleteAsync(address, token).JsonAsync(404)).Text("error").ShouldBe("User not found");
        (await GetAsync(address, token).JsonAsync(404)).Text("error").ShouldBe("User not found");
        await fixture.TokenAsync("booksaga-api", ("grant_type", "refresh_token"), ("refresh_token", session.Text("refresh_token"))).JsonAsync(400);
        (await fixture.RegisterAsync(email)).Text("access_token").ShouldNotBeEmpty();
    }

    [Fact]
    public async Task A_part_of_an_email_is_no_exact_match_and_nobody_is_an_empty_list()
    {
        string token = await fixture.ServiceTokenAsync("customer");

        JsonElement none = await GetAsync($"{IdentityFixture.Users}?email=example.com&exact=true", token).JsonAsync(200);

        none.GetArrayLength().ShouldBe(0);
        (await GetAsync($"{IdentityFixture.Users}/{Guid.NewGuid()}", token).JsonAsync(404)).Text("error").ShouldBe("User not found");
    }

    [Fact]
    public async Task A_character_that_no_text_holds_is_the_callers_mistake() =>
        await GetAsync(IdentityFixture.Users + "?email=a%00b&exact=true", await fixture.ServiceTokenAsync("customer")).ProblemAsync(400, "invalid request");

    [Fact]
    public async Task The_same_email_in_other_letters_is_409()
    {
        string email = IdentityFixture.NewEmail();
        string token = await fixture.ServiceTokenAsync("customer");
        using HttpResponseMessage first = await CreateAsync(token, email);

        JsonElement second = await CreateAsync(token, " " + email.ToUpperInvariant()).JsonAsync(409);

        first.StatusCode.ShouldBe(HttpStatusCode.Created);
        second.Text("errorMessage").ShouldBe("User exists with same email");
    }

    [Fact]
    public async Task Of_eight_registrations_of_one_email_at_the_same_moment_one_wins()
    {
        string email = IdentityFixture.NewEmail();
        string token = await fixture.ServiceTokenAsync("customer");

        HttpResponseMessage[] answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => CreateAsync(token, email)));

        answers.Count(a => a.StatusCode == HttpStatusCode.Created).ShouldBe(1);
        answers.Count(a => a.StatusCode == HttpStatusCode.Conflict).ShouldBe(7);
    }

    [Fact]
    public async Task Nobody_is_401_and_people_and_services_without_the_right_are_403()
    {
        string person = (await fixture.RegisterAsync(IdentityFixture.NewEmail())).Text("access_token");
        string booking = await fixture.ServiceTokenAsync("booking");

        await CreateAsync(null, IdentityFixture.NewEmail()).ProblemAsync(401, "invalid claims");
        foreach (string token in new[] { person, booking })
        {
            await CreateAsync(token, IdentityFixture.NewEmail()).ProblemAsync(403, "forbidden");
            await GetAsync(IdentityFixture.Users + "?email=a@b.c", token).ProblemAsync(403, "forbidden");
            await GetAsync($"{IdentityFixture.Users}/{Guid.NewGuid()}", token).ProblemAsync(403, "forbidden");
        }
    }

    [Theory]
    [InlineData("no-at", "long enough", "error-invalid-email")]
    [InlineData("", "long enough", "error-invalid-email")]
    [InlineData("a@b.c", "short", "invalidPasswordMinLengthMessage")]
    public async Task What_the_realm_forbids_is_400(string email, string password, string error)
    {
        JsonElement answer = await CreateAsync(await fixture.ServiceTokenAsync("customer"), email, password).JsonAsync(400);

        answer.Text("error").ShouldBe(error);
    }

    private Task<HttpResponseMessage> CreateAsync(string? token, string email, string password = "long enough") => IdentityFixture.SendAsync(
        fixture.Identity, HttpMethod.Post, IdentityFixture.Users, token,
        new { username = email, email, firstName = "Ann", lastName = "Lee", enabled = true, credentials = new[] { new { type = "password", value = password, temporary = false } } });

    private Task<HttpResponseMessage> DeleteAsync(string path, string token) => IdentityFixture.SendAsync(fixture.Identity, HttpMethod.Delete, path, token);

    private Task<HttpResponseMessage> GetAsync(string path, string token) => IdentityFixture.SendAsync(fixture.Identity, HttpMethod.Get, path, token);
}
