using BookSaga.Company.Tests.Support;

namespace BookSaga.Company.Tests;

public sealed class ReplicasTests(CompanyFixture company) : IClassFixture<CompanyFixture>
{
    [Fact]
    public async Task Two_replicas_on_one_database_keep_every_rule()
    {
        await using TestService<Program> second = await company.ReplicaAsync();
        for (int round = 0; round < 10; round++)
        {
            var first = TestUser.New();
            long id = await company.FoundAsync(first);
            TestUser other = await company.JoinAsync(id, first, "admin");
            using HttpClient there = second.Http(other);
            long mine = await company.ManagerIdAsync(id, first);
            long others = await company.ManagerIdAsync(id, other);

            HttpResponseMessage[] answers = await Task.WhenAll(
                company.SendAsync(first, "DELETE", $"/company/{id}/managers/{mine}"),
                there.DeleteAsync(new Uri($"/api/v1/company/{id}/managers/{others}", UriKind.Relative), TestContext.Current.CancellationToken));

            answers.Select(a => (int)a.StatusCode).ShouldBe([204, 409], ignoreOrder: true);
            (await company.ScalarAsync<long>("SELECT count(*) FROM manager WHERE company_id = $1", id)).ShouldBe(1);
        }
    }

    [Fact]
    public async Task A_key_sent_to_two_replicas_makes_one_company()
    {
        await using TestService<Program> second = await company.ReplicaAsync();
        var user = TestUser.New();
        using HttpClient there = second.Http(user);
        there.DefaultRequestHeaders.Add("Idempotency-Key", "k");
        HttpResponseMessage[] answers = await Task.WhenAll(
            company.SendAsync(user, "POST", "/company", CompanyFixture.Valid, "k"),
            there.PostAsync("/api/v1/company", CompanyFixture.Valid));
        answers.ShouldContain(a => (int)a.StatusCode == 201);
        (await company.ScalarAsync<long>("SELECT count(*) FROM manager WHERE user_id = $1", user.Id)).ShouldBe(1);
    }

    [Fact]
    public async Task A_database_that_goes_away_is_503_and_comes_back_without_a_restart()
    {
        var user = TestUser.New();
        long id = await company.FoundAsync(user);
        await company.Database.TakeDownAsync();
        try
        {
            await company.GetAsync(null, $"/companies/{id}").ProblemAsync(503, "temporarily unavailable");
            await company.PostAsync(user, $"/company/{id}/deactivate").ProblemAsync(503, "temporarily unavailable");
        }
        finally
        {
            await company.Database.RestoreAsync();
        }
        (await company.GetAsync(null, $"/companies/{id}").JsonAsync(200)).GetProperty("active").GetBoolean().ShouldBeTrue();
    }
}
