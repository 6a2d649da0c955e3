using System.Text.Json;

namespace BookSaga.Saga.Tests;

[Collection(PeopleWorld.Name)]
public sealed class ExportMyDataTests(PeopleWorld world)
{
    [Fact]
    public async Task What_is_kept_of_a_person_is_given_to_them_as_one_file()
    {
        (TestUser person, long alone, long shared) = await world.LivedAsync();
        using HttpClient http = world.CustomerHttp(person);

        using HttpResponseMessage answer = await http.GetAsync("/api/v1/customer/export");
        JsonElement data = await Task.FromResult(answer).JsonAsync(200);

        answer.Content.Headers.ContentDisposition!.ToString().ShouldBe("attachment; filename=\"my-data.json\"");
        data.EnumerateObject().Select(p => p.Name).ShouldBe(["created_at", "profile", "companies", "bookings", "transactions", "mails"]);
        data.GetProperty("profile").GetProperty("email").GetString().ShouldBe(person.Email);
        data.GetProperty("companies").EnumerateArray().Select(c => $"{c.GetProperty("company_id")} {c.GetProperty("name")} {c.GetProperty("role")}").ShouldBe([$"{shared} Shop manager", $"{alone} Shop admin"]);
        data.GetProperty("bookings")[0].GetProperty("status").GetString().ShouldBe("paid");
        data.GetProperty("transactions").EnumerateArray().Select(t => t.GetProperty("type").GetString()).ShouldBe(["payment", "top-up"]);
        data.GetProperty("mails").EnumerateArray().Select(m => m.GetProperty("kind").GetString()).ShouldContain("paid");
        data.GetProperty("mails")[0].GetProperty("subject").GetString().ShouldNotBeEmpty();
        using HttpClient nobody = world.CustomerHttp(TestUser.New());
        (await nobody.GetAsync("/api/v1/customer/export").JsonAsync(200)).GetProperty("bookings").GetArrayLength().ShouldBe(0);
    }

    [Fact]
    public async Task A_service_that_is_away_makes_the_export_503_and_no_half_file()
    {
        TestUser person = await world.ClientAsync(1);
        using HttpClient http = world.CustomerHttp(person);
        await world.PaymentDb.TakeDownAsync();
        try
        {
            await http.GetAsync("/api/v1/customer/export").ProblemAsync(503, "temporarily unavailable");
        }
        finally
        {
            await world.PaymentDb.RestoreAsync();
        }
    }
}
