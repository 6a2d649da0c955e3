using System.Text.Json;
using BookSaga.Company.Tests.Support;

namespace BookSaga.Company.Tests;

public sealed class UpdateCompanyTests(CompanyFixture company) : IClassFixture<CompanyFixture>
{
    private readonly TestUser _admin = TestUser.New();

    [Fact]
    public async Task Put_replaces_the_texts_and_keeps_logo_location_active_and_refund_policy()
    {
        long id = await company.FoundAsync(_admin);
        await company.PostAsync(_admin, $"/company/{id}/logo", new { logo = "l.png" }).JsonAsync(200);
        await company.PostAsync(_admin, $"/company/{id}/location", new { lat = 55.75, lng = 37.62 }).JsonAsync(200);
        await company.PostAsync(_admin, $"/company/{id}/deactivate").JsonAsync(200);
        await company.SendAsync(_admin, "PUT", $"/company/{id}", new { name = "n", address = "a", phone = "p", refundable_hours = 0 }).JsonAsync(200);

        await company.SendAsync(_admin, "PUT", $"/company/{id}", new { name = "n2", address = "a2", phone = "p2" }).JsonAsync(200);

        JsonElement read = await company.GetAsync(_admin, $"/company/{id}").JsonAsync(200);
        read.GetProperty("name").GetString().ShouldBe("n2");
        read.GetProperty("address").GetString().ShouldBe("a2");
        read.GetProperty("phone").GetString().ShouldBe("p2");
        read.GetProperty("description").GetString().ShouldBe("");
        read.GetProperty("email").GetString().ShouldBe("");
        read.GetProperty("logo").GetString().ShouldBe("l.png");
        read.GetProperty("location").EnumerateArray().Select(d => d.GetDouble()).ShouldBe([55.75, 37.62]);
        read.GetProperty("active").GetBoolean().ShouldBeFalse();
        read.GetProperty("refundable_hours").GetInt32().ShouldBe(0);
        read.GetProperty("updated").GetDateTimeOffset().ShouldBeGreaterThan(read.GetProperty("created").GetDateTimeOffset());
    }

    [Theory]
    [InlineData(null, "company name is required")]
    [InlineData("""{"name":"n"}""", "company address is required")]
    [InlineData("""{"name":"n","address":"a"}""", "company phone is required")]
    [InlineData("""{"name":false,"address":"a","phone":"p"}""", "invalid request")]
    public async Task What_is_missing_is_told_and_nothing_changes(string? body, string error)
    {
        long id = await company.FoundAsync(_admin);
        await company.SendAsync(_admin, "PUT", $"/company/{id}", body).ProblemAsync(400, error);
        (await company.VersionAsync(id)).ShouldBe(1);
    }

    [Fact]
    public async Task Concurrent_changes_of_different_parts_are_all_kept()
    {
        long id = await company.FoundAsync(_admin);
        await Task.WhenAll(
            company.SendAsync(_admin, "PUT", $"/company/{id}", new { name = "n", address = "a", phone = "p" }).JsonAsync(200),
            company.PostAsync(_admin, $"/company/{id}/logo", new { logo = "l" }).JsonAsync(200),
            company.PostAsync(_admin, $"/company/{id}/location", new { lat = 1, lng = 2 }).JsonAsync(200),
            company.PostAsync(_admin, $"/company/{id}/deactivate").JsonAsync(200));
        JsonElement read = await company.GetAsync(_admin, $"/company/{id}").JsonAsync(200);
        read.GetProperty("name").GetString().ShouldBe("n");
        read.GetProperty("logo").GetString().ShouldBe("l");
        read.GetProperty("location")[1].GetDouble().ShouldBe(2);
        read.GetProperty("active").GetBoolean().ShouldBeFalse();
        (await company.VersionAsync(id)).ShouldBe(5);
    }

    [Theory]
    [InlineData("""{"logo":"https://example.com/l.png"}""", 200)]
    [InlineData("""{"logo":""}""", 200)]
    [InlineData("""{}""", 400)]
    [InlineData("""{"logo":null}""", 400)]
    [InlineData("""{"logo":7}""", 400)]
    [InlineData(null, 400)]
    public async Task A_logo_is_a_string(string? body, int status)
    {
        long id = await company.FoundAsync(_admin);
        await company.PostAsync(_admin, $"/company/{id}/logo", body).JsonAsync(status);
    }

    [Fact]
    public async Task A_logo_has_at_most_255_characters()
    {
        long id = await company.FoundAsync(_admin);
        (await company.PostAsync(_admin, $"/company/{id}/logo", new { logo = new string('я', 255) }).JsonAsync(200)).GetProperty("logo").GetString()!.Length.ShouldBe(255);
        await company.PostAsync(_admin, $"/company/{id}/logo", new { logo = new string('я', 256) }).ProblemAsync(400, "logo must be at most 255 characters long");
    }

    [Theory]
    [InlineData("""{"lat":90,"lng":180}""", null)]
    [InlineData("""{"lat":-90,"lng":-180}""", null)]
    [InlineData("""{"lat":0,"lng":0}""", null)]
    [InlineData("""{"lat":90.0001,"lng":0}""", "lat must be from -90 to 90 and lng from -180 to 180")]
    [InlineData("""{"lat":0,"lng":-180.0001}""", "lat must be from -90 to 90 and lng from -180 to 180")]
    [InlineData("""{"lat":1e999,"lng":0}""", "lat must be from -90 to 90 and lng from -180 to 180")]
    [InlineData("""{"lat":1}""", "lat and lng are required")]
    [InlineData("""{"lat":1,"lng":null}""", "lat and lng are required")]
    [InlineData(null, "lat and lng are required")]
    [InlineData("""{"lat":"1","lng":2}""", "invalid request")]
    [InlineData("""{"lat":NaN,"lng":2}""", "invalid request")]
    public async Task A_location_is_two_numbers_within_the_globe(string? body, string? error)
    {
        long id = await company.FoundAsync(_admin);
        Task<HttpResponseMessage> answer = company.PostAsync(_admin, $"/company/{id}/location", body);
        await (error is null ? answer.JsonAsync(200) : answer.ProblemAsync(400, error));
    }

    [Fact]
    public async Task Deactivating_is_undone_by_activating()
    {
        long id = await company.FoundAsync(_admin);
        (await company.PostAsync(_admin, $"/company/{id}/deactivate").JsonAsync(200)).GetProperty("active").GetBoolean().ShouldBeFalse();
        (await company.GetAsync(null, $"/companies/{id}").JsonAsync(200)).GetProperty("active").GetBoolean().ShouldBeFalse();
        (await company.PostAsync(_admin, $"/company/{id}/activate").JsonAsync(200)).GetProperty("active").GetBoolean().ShouldBeTrue();
        (await company.GetAsync(null, $"/companies/{id}").JsonAsync(200)).GetProperty("active").GetBoolean().ShouldBeTrue();
    }
}
