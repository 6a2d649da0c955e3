using System.Text.Json;
using BookSaga.Company.Tests.Support;

namespace BookSaga.Company.Tests;

public sealed class GetCompanyTests(CompanyFixture company) : IClassFixture<CompanyFixture>
{
    private readonly TestUser _admin = TestUser.New();

    [Fact]
    public async Task Anybody_sees_the_public_page_and_nobody_sees_its_people()
    {
        long id = await company.FoundAsync(_admin);
        JsonElement open = await company.GetAsync(null, $"/companies/{id}").JsonAsync(200);
        JsonElement signedIn = await company.GetAsync(TestUser.New(), $"/company/{id}").JsonAsync(200);
        signedIn.GetRawText().ShouldBe(open.GetRawText());
        open.GetRawText().ShouldNotContain(_admin.Email);
        open.TryGetProperty("role", out _).ShouldBeFalse();
    }

    [Fact]
    public async Task The_public_list_has_active_companies_in_pages()
    {
        long[] ids = [await company.FoundAsync(_admin), await company.FoundAsync(_admin), await company.FoundAsync(_admin)];
        await company.PostAsync(_admin, $"/company/{ids[1]}/deactivate").JsonAsync(200);
        await company.PostAsync(_admin, $"/company/{ids[0]}/location", new { lat = 52.5, lng = 13.4 }).JsonAsync(200);

        List<JsonElement> all = [];
        for (int page = 1; all.Count == (page - 1) * 2; page++)
        {
            all.AddRange((await company.GetAsync(null, $"/companies?limit=2&page={page}").JsonAsync(200)).EnumerateArray());
        }

        long[] found = [.. all.Select(c => c.GetProperty("id").GetInt64())];
        found.ShouldBeInOrder();
        found.ShouldBe(found.Distinct());
        ids.Where(found.Contains).ShouldBe([ids[0], ids[2]]);
        JsonElement one = all.Single(c => c.GetProperty("id").GetInt64() == ids[0]);
        one.EnumerateObject().Select(p => p.Name).ShouldBe(["id", "name", "description", "logo", "address", "location", "updated"]);
        one.GetProperty("location").GetRawText().ShouldBe("[52.5,13.4]");
    }

    [Theory]
    [InlineData("/companies/999999")]
    [InlineData("/company/999999")]
    [InlineData("/company/0")]
    [InlineData("/company/-1")]
    [InlineData("/company/9223372036854775807")]
    public Task An_unknown_company_is_not_found(string path) => company.GetAsync(_admin, path).ProblemAsync(404, "company not found");

    [Theory]
    [InlineData("/companies/abc")]
    [InlineData("/company/9223372036854775808")]
    [InlineData("/company/1'")]
    public Task An_id_that_is_no_number_is_not_found(string path) => company.GetAsync(_admin, path).ProblemAsync(404, "not found");

    [Fact]
    public async Task My_companies_are_mine_alone_in_pages()
    {
        (await company.GetAsync(_admin, "/company/my").JsonAsync(200)).GetRawText().ShouldBe("[]");
        long[] ids = [await company.FoundAsync(_admin), await company.FoundAsync(_admin), await company.FoundAsync(_admin)];
        await company.FoundAsync(TestUser.New());
        long[] Ids(JsonElement list) => [.. list.EnumerateArray().Select(c => c.GetProperty("id").GetInt64())];
        Ids(await company.GetAsync(_admin, "/company/my").JsonAsync(200)).ShouldBe(ids);
        Ids(await company.GetAsync(_admin, "/company/my?page=2&limit=2").JsonAsync(200)).ShouldBe(ids[2..]);
        Ids(await company.GetAsync(_admin, "/company/my?page=3&limit=2").JsonAsync(200)).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("page=0", "page must be a whole number from 1 to 1000000")]
    [InlineData("page=x", "page must be a whole number from 1 to 1000000")]
    [InlineData("limit=0", "limit must be a whole number from 1 to 100")]
    [InlineData("limit=101", "limit must be a whole number from 1 to 100")]
    [InlineData("limit=-1", "limit must be a whole number from 1 to 100")]
    public async Task Every_list_refuses_a_page_out_of_range(string query, string error)
    {
        long id = await company.FoundAsync(_admin);
        foreach (string list in new[] { "/company/my", $"/company/{id}/offers", $"/company/{id}/managers", $"/company/{id}/payment/transactions" })
        {
            await company.GetAsync(_admin, $"{list}?{query}").ProblemAsync(400, error);
        }
    }
}
