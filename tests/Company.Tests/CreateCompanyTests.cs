using System.Text.Json;
using BookSaga.Company.Tests.Support;

namespace BookSaga.Company.Tests;

public sealed class CreateCompanyTests(CompanyFixture company) : IClassFixture<CompanyFixture>
{
    private readonly TestUser _user = TestUser.New();

    [Fact]
    public async Task A_new_company_is_active_and_its_founder_is_admin()
    {
        using HttpResponseMessage answer = await company.PostAsync(_user, "/company", CompanyFixture.Valid);
        JsonElement created = await Task.FromResult(answer).JsonAsync(201);
        long id = created.GetProperty("id").GetInt64();
        answer.Headers.Location!.ToString().ShouldBe($"/api/v1/company/{id}");
        created.EnumerateObject().Select(p => p.Name).ShouldBe(
            ["id", "logo", "name", "description", "address", "phone", "email", "location", "active", "refundable_hours", "created", "updated"], ignoreOrder: true);
        created.GetProperty("name").GetString().ShouldBe("Салон «Ёлка»");
        created.GetProperty("active").GetBoolean().ShouldBeTrue();
        created.GetProperty("location").ValueKind.ShouldBe(JsonValueKind.Null);
        created.GetProperty("refundable_hours").GetInt32().ShouldBe(24);
        created.GetProperty("created").GetString()!.ShouldEndWith("Z");
        JsonElement mine = await company.GetAsync(_user, "/company/my").JsonAsync(200);
        mine.GetArrayLength().ShouldBe(1);
        mine[0].GetProperty("role").GetString().ShouldBe("admin");
        (await company.ScalarAsync<Guid>("SELECT user_id FROM manager WHERE company_id = $1", id)).ShouldBe(_user.Id);
    }

    [Theory]
    [InlineData(null, "company name is required")]
    [InlineData("""{}""", "company name is required")]
    [InlineData("""null""", "company name is required")]
    [InlineData("""{"name":null,"address":"a","phone":"p"}""", "company name is required")]
    [InlineData("""{"name":" \t ","address":"a","phone":"p"}""", "company name is required")]
    [InlineData("""{"name":"n","phone":"p"}""", "company address is required")]
    [InlineData("""{"name":"n","address":"","phone":"p"}""", "company address is required")]
    [InlineData("""{"name":"n","address":"a"}""", "company phone is required")]
    [InlineData("""{"name":"n","address":"a","phone":"  "}""", "company phone is required")]
    [InlineData("""{"name":"n","address":"a","phone":"p","email":"nobody"}""", "email is not a mail address")]
    [InlineData("""{"name":"n","address":"a","phone":"p","refundable_hours":-1}""", "refundable_hours must be a whole number from 0 to 8760")]
    [InlineData("""{"name":"n","address":"a","phone":"p","refundable_hours":8761}""", "refundable_hours must be a whole number from 0 to 8760")]
    [InlineData("""{"name":"n\u0000","address":"a","phone":"p"}""", "name must not contain a NUL character")]
    [InlineData("""{"name":true,"address":"a","phone":"p"}""", "invalid request")]
    [InlineData("""{"name":5,"address":"a","phone":"p"}""", "invalid request")]
    [InlineData("""{"name":{"a":1},"address":"a","phone":"p"}""", "invalid request")]
    [InlineData("""{"name":"n","address":"a","phone":"p","refundable_hours":"24"}""", "invalid request")]
    [InlineData("""{"name":"n","address":"a","phone":"p","refundable_hours":1.5}""", "invalid request")]
    [InlineData("""{"name":"\ud800","address":"a","phone":"p"}""", "invalid request")]
    [InlineData("""{"name":"n",""", "invalid request")]
    [InlineData("""[]""", "invalid request")]
    [InlineData("""name=n""", "invalid request")]
    public async Task What_is_missing_or_malformed_is_told(string? body, string error)
    {
        await company.PostAsync(_user, "/company", body).ProblemAsync(400, error);
        (await company.ScalarAsync<long>("SELECT count(*) FROM manager WHERE user_id = $1", _user.Id)).ShouldBe(0);
    }

    [Theory]
    [InlineData("name", 255)]
    [InlineData("address", 500)]
    [InlineData("phone", 100)]
    [InlineData("description", 4000)]
    public async Task Texts_have_a_limit_in_characters_and_reach_it(string field, int limit)
    {
        Dictionary<string, object> With(string text) => new() { ["name"] = "n", ["address"] = "a", ["phone"] = "p", [field] = text };
        // A character outside the basic plane is two UTF-16 units and still one character.
        string longest = string.Concat(Enumerable.Repeat("😀", limit));
        JsonElement created = await company.PostAsync(_user, "/company", With(longest)).JsonAsync(201);
        created.GetProperty(field).GetString().ShouldBe(longest);
        await company.PostAsync(_user, "/company", With(longest + "x")).ProblemAsync(400, $"{field} must be at most {limit} characters long");
    }

    [Theory]
    [InlineData("O'Reilly & Sons \"Ltd\" <b>\\")]
    [InlineData("Робот'); DROP TABLE company;--")]
    [InlineData("理髪店 مطعم 😀👩‍👩‍👧")]
    [InlineData("$1 %s {0}")]
    public async Task Any_letters_come_back_as_they_were_sent(string text)
    {
        var body = new { name = text, address = text, phone = text, description = text };
        long id = (await company.PostAsync(_user, "/company", body).JsonAsync(201)).GetProperty("id").GetInt64();
        JsonElement read = await company.GetAsync(null, $"/companies/{id}").JsonAsync(200);
        foreach (string field in new[] { "name", "address", "phone", "description" })
        {
            read.GetProperty(field).GetString().ShouldBe(text);
        }
    }

    [Fact]
    public async Task A_body_of_megabytes_is_refused()
    {
        string body = $$"""{"name":"{{new string('x', 2_000_000)}}"}""";
        await company.PostAsync(_user, "/company", body).ProblemAsync(413, "request body too large");
    }

    [Fact]
    public async Task Unknown_fields_are_ignored_and_surrounding_space_is_dropped()
    {
        JsonElement created = await company.PostAsync(_user, "/company", """{"name":" n ","address":"a","phone":"p","id":7,"active":false,"nonsense":[1]}""").JsonAsync(201);
        created.GetProperty("name").GetString().ShouldBe("n");
        created.GetProperty("active").GetBoolean().ShouldBeTrue();
        created.GetProperty("email").GetString().ShouldBe("");
    }
}
