using System.Text;
using System.Text.Json;

namespace BookSaga.Customer.Tests;

public sealed class ProfileTests(CustomerWorld world) : IClassFixture<CustomerWorld>
{
    private const string Path = "/api/v1/customer/profile";

    [Fact]
    public async Task The_profile_is_made_from_the_tokens_claims_at_need_once()
    {
        var user = TestUser.New("Жан-Поль", "O'Neil, Jr.");
        using HttpClient http = world.Service.Http(user);

        JsonElement[] views = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => http.GetAsync(Path).JsonAsync(200)));

        views.Select(v => v.GetRawText()).Distinct().Count().ShouldBe(1);
        views[0].GetProperty("id").GetGuid().ShouldBe(user.Id);
        views[0].GetProperty("first_name").GetString().ShouldBe("Жан-Поль");
        views[0].GetProperty("last_name").GetString().ShouldBe("O'Neil, Jr.");
        views[0].GetProperty("email").GetString().ShouldBe(user.Email);
    }

    [Fact]
    public async Task A_change_replaces_names_and_keeps_what_it_leaves_out()
    {
        using HttpClient http = world.Service.Http(TestUser.New());
        await PutAsync(http, """{"first_name":"A","last_name":"B","location":[55.5,37.5],"locale":"en","time_zone":"Asia/Yekaterinburg","role":"admin"}""").JsonAsync(200);

        await PutAsync(http, """{"first_name":"C","last_name":"D"}""").JsonAsync(200);

        JsonElement view = await http.GetAsync(Path).JsonAsync(200);
        view.GetProperty("first_name").GetString().ShouldBe("C");
        view.GetProperty("location").GetRawText().ShouldBe("[55.5,37.5]");
        view.GetProperty("time_zone").GetString().ShouldBe("Asia/Yekaterinburg");
    }

    [Fact]
    public async Task An_empty_place_removes_the_place()
    {
        using HttpClient http = world.Service.Http(TestUser.New());
        await PutAsync(http, """{"first_name":"A","last_name":"B","location":[55.5,37.5]}""").JsonAsync(200);

        await PutAsync(http, """{"first_name":"A","last_name":"B","location":[]}""").JsonAsync(200);

        (await http.GetAsync(Path).JsonAsync(200)).GetProperty("location").ValueKind.ShouldBe(JsonValueKind.Null);
    }

    [Theory]
    [InlineData("{}", "first name is required")]
    [InlineData("""{"first_name":" ","last_name":"B"}""", "first name is required")]
    [InlineData("""{"first_name":"A"}""", "last name is required")]
    [InlineData("""{"first_name":"A","last_name":"B","location":[91,0]}""", "invalid location")]
    [InlineData("""{"first_name":"A","last_name":"B","location":[1]}""", "invalid location")]
    [InlineData("""{"first_name":"A","last_name":"B","locale":"de"}""", "invalid locale")]
    [InlineData("""{"first_name":"A","last_name":"B","time_zone":"Moscow Time"}""", "invalid time zone")]
    [InlineData("""{"first_name":7,"last_name":"B"}""", "invalid request")]
    [InlineData("""{"first_name":""", "invalid request")]
    public async Task What_is_no_profile_is_refused_and_leaks_no_internals(string body, string error)
    {
        using HttpClient http = world.Service.Http(TestUser.New());
        await PutAsync(http, body).ProblemAsync(400, error);
        using HttpResponseMessage answer = await PutAsync(http, body);
        (await answer.Content.ReadAsStringAsync()).ShouldNotContain("System.");
    }

    [Fact]
    public async Task A_body_that_is_not_json_is_415_and_one_that_is_too_large_413()
    {
        using HttpClient http = world.Service.Http(TestUser.New());
        using var text = new StringContent("first_name=A", Encoding.UTF8, "text/plain");
        await http.PutAsync(Path, text).ProblemAsync(415, "unsupported media type");
        await PutAsync(http, $$"""{"first_name":"{{new string('x', 70_000)}}","last_name":"B"}""").ProblemAsync(413, "request body too large");
    }

    [Fact]
    public async Task A_phone_is_verified_by_the_code_that_was_sent_to_it_once()
    {
        using HttpClient http = world.Service.Http(TestUser.New());
        (await SendAsync(http, "+7 999 1").JsonAsync(200)).GetProperty("result").GetString().ShouldBe("verification code sent");
        string code = world.Codes.Last;
        code.Length.ShouldBe(6);
        await CheckAsync(http, "+7 999 2", code).ProblemAsync(400, "verification code is incorrect");
        using HttpClient other = world.Service.Http(TestUser.New());
        await CheckAsync(other, "+7 999 1", code).ProblemAsync(400, "verification code is incorrect");

        (await CheckAsync(http, "+7 999 1", code).JsonAsync(200)).GetProperty("result").GetString().ShouldBe("phone verified");

        (await http.GetAsync(Path).JsonAsync(200)).GetProperty("phone").GetString().ShouldBe("+7 999 1");
        await CheckAsync(http, "+7 999 1", code).ProblemAsync(400, "verification code is incorrect");
    }

    [Fact]
    public async Task Five_wrong_tries_end_a_code_also_when_they_come_at_once()
    {
        using HttpClient http = world.Service.Http(TestUser.New());
        await SendAsync(http, "+1").JsonAsync(200);
        string code = world.Codes.Last;
        await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => CheckAsync(http, "+1", "wrong")));

        await CheckAsync(http, "+1", code).ProblemAsync(400, "verification code is incorrect");
    }

    [Fact]
    public async Task Five_codes_an_hour_and_no_more()
    {
        using HttpClient http = world.Service.Http(TestUser.New());
        for (int i = 0; i < 5; i++)
        {
            await SendAsync(http, "+1").JsonAsync(200);
        }
        await SendAsync(http, "+1").ProblemAsync(429, "too many codes");
    }

    [Theory]
    [InlineData("verify", "{}", "phone is required")]
    [InlineData("verify", """{"phone":" "}""", "phone is required")]
    [InlineData("verify", """{"phone":"none"}""", "invalid phone")]
    [InlineData("verify/check", """{"phone":"+1"}""", "phone and code are required")]
    [InlineData("verify/check", """{"code":"123456"}""", "phone and code are required")]
    public async Task Phone_calls_say_what_is_missing(string call, string body, string error)
    {
        using HttpClient http = world.Service.Http(TestUser.New());
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        await http.PostAsync("/api/v1/customer/phone/" + call, content).ProblemAsync(400, error);
    }

    private static Task<HttpResponseMessage> SendAsync(HttpClient http, string phone) => http.PostAsync("/api/v1/customer/phone/verify", new { phone });

    private static Task<HttpResponseMessage> CheckAsync(HttpClient http, string phone, string code) =>
        http.PostAsync("/api/v1/customer/phone/verify/check", new { phone, code });

    private static async Task<HttpResponseMessage> PutAsync(HttpClient http, string body)
    {
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        return await http.PutAsync(Path, content);
    }
}
