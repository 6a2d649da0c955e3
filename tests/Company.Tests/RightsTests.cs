using BookSaga.Company.Tests.Support;
using BookSaga.Contracts.Booking;
using BookSaga.Contracts.Payment;
using BookSaga.Contracts.Webhooks;
using CompanyKey = BookSaga.Contracts.Payment.CompanyKey;

namespace BookSaga.Company.Tests;

/// <summary>Who may do what, as one table.</summary>
public sealed class RightsTests(CompanyFixture company) : IClassFixture<CompanyFixture>
{
    private const string Offer = """{"service_id":7,"price":10,"datetime":"2030-01-01T10:00:00Z"}""";
    private const string Fields = """{"name":"n","address":"a","phone":"p"}""";

    [Theory]
    //            method    path below the company            body                             stranger manager admin
    [InlineData("GET", "", null, 200, 200, 200)]
    [InlineData("PUT", "", Fields, 403, 403, 200)]
    [InlineData("PUT", "", "{}", 403, 403, 400)]
    [InlineData("POST", "/logo", """{"logo":"l"}""", 403, 403, 200)]
    [InlineData("POST", "/location", """{"lat":1,"lng":2}""", 403, 403, 200)]
    [InlineData("POST", "/activate", null, 403, 403, 200)]
    [InlineData("POST", "/deactivate", null, 403, 403, 200)]
    [InlineData("POST", "/offers", Offer, 403, 201, 201)]
    [InlineData("POST", "/offers", "{}", 403, 400, 400)]
    [InlineData("GET", "/offers", null, 403, 200, 200)]
    [InlineData("POST", "/offers/1/cancel", """{"reason":"r"}""", 403, 200, 200)]
    [InlineData("GET", "/payment/transactions", null, 403, 200, 200)]
    [InlineData("GET", "/payment/balance", null, 403, 200, 200)]
    [InlineData("GET", "/managers", null, 403, 403, 200)]
    [InlineData("POST", "/managers", """{"email":"new@example.com"}""", 403, 403, 201)]
    [InlineData("PUT", "/managers/999999", """{"role":"admin"}""", 403, 403, 404)]
    [InlineData("DELETE", "/managers/999999", null, 403, 403, 404)]
    [InlineData("GET", "/webhooks", null, 403, 403, 200)]
    [InlineData("POST", "/webhooks", "{}", 403, 403, 400)]
    [InlineData("PUT", "/webhooks/5", "{}", 403, 403, 404)]
    [InlineData("DELETE", "/webhooks/5", null, 403, 403, 404)]
    [InlineData("POST", "/webhooks/5/rotate-secret", null, 403, 403, 404)]
    [InlineData("POST", "/webhooks/5/test", null, 403, 403, 404)]
    [InlineData("POST", "/webhooks/5/replay", "{}", 403, 403, 400)]
    [InlineData("GET", "/webhooks/5/deliveries", null, 403, 403, 404)]
    public async Task Rights_come_from_the_manager_table(string method, string path, string? body, int stranger, int manager, int admin)
    {
        var founder = TestUser.New();
        long id = await company.FoundAsync(founder);
        TestUser other = TestUser.New();
        await company.FoundAsync(other);
        TestUser clerk = await company.JoinAsync(id, founder, "manager");
        company.Neighbours.Plan<AddOffer>(_ => new AddOfferReply { Code = AddOfferReply.Types.Code.Added, Id = 1, OfferJson = "{}" });
        company.Neighbours.Plan<ListOffers>(_ => new OffersJson { Json = "[]" });
        company.Neighbours.Plan<WithdrawOffer>(_ => new WithdrawOutcome { Code = WithdrawOutcome.Types.Code.Withdrawn, OfferJson = "{}" });
        company.Neighbours.Plan<CompanyKey>(key => key.Page == 0 ? new CompanyBalanceReply() : new TransactionsJson { Json = "[]" });
        company.Neighbours.Plan<Contracts.Webhooks.CompanyKey>(_ => new WebhookAnswer { Code = WebhookAnswer.Types.Code.Ok, Json = "[]" });
        company.Neighbours.Plan<WebhookFields>(fields => new WebhookAnswer
        {
            Code = fields.WebhookId == 0 ? WebhookAnswer.Types.Code.Invalid : WebhookAnswer.Types.Code.NotFound,
            Problems = { new FieldProblem { Field = "url", Problem = "is required" } },
        });
        company.Neighbours.Plan<WebhookKey>(_ => new WebhookAnswer { Code = WebhookAnswer.Types.Code.NotFound });
        company.Neighbours.Plan<ListDeliveries>(_ => new WebhookAnswer { Code = WebhookAnswer.Types.Code.NotFound });
        long version = await company.VersionAsync(id);

        string full = $"/company/{id}{path}";
        await company.SendAsync(null, method, full, body).ProblemAsync(401, "invalid claims");
        await StatusAsync(TestUser.New(), stranger);
        await StatusAsync(other, stranger);
        if (stranger == 403)
        {
            company.Neighbours.Calls.ShouldBeEmpty();
            (await company.VersionAsync(id)).ShouldBe(version);
        }
        await StatusAsync(clerk, manager);
        await StatusAsync(founder, admin);
        string unknown = $"/company/999999{path}";
        await company.SendAsync(founder, method, unknown, body).ProblemAsync(404, "company not found");

        async Task StatusAsync(TestUser user, int status)
        {
            using HttpResponseMessage answer = await company.SendAsync(user, method, full, body);
            ((int)answer.StatusCode).ShouldBe(status, await answer.Content.ReadAsStringAsync());
            if (status == 403)
            {
                (await answer.Content.ReadAsStringAsync()).ShouldContain("\"error\":\"forbidden\"");
            }
        }
    }

    [Theory]
    [InlineData("POST", "/company")]
    [InlineData("GET", "/company/my")]
    public Task Without_a_token_there_is_nothing(string method, string path) => company.SendAsync(null, method, path, "{}").ProblemAsync(401, "invalid claims");

    [Fact]
    public async Task A_removed_manager_has_no_rights_at_the_next_call()
    {
        var founder = TestUser.New();
        long id = await company.FoundAsync(founder);
        TestUser second = await company.JoinAsync(id, founder, "admin");
        await company.GetAsync(second, $"/company/{id}/managers").JsonAsync(200);
        await company.SendAsync(founder, "DELETE", $"/company/{id}/managers/{await company.ManagerIdAsync(id, second)}").JsonAsync(204);
        await company.GetAsync(second, $"/company/{id}/managers").ProblemAsync(403, "forbidden");
        (await company.GetAsync(second, "/company/my").JsonAsync(200)).GetArrayLength().ShouldBe(0);
    }

    [Fact]
    public async Task Roles_in_the_token_open_nothing()
    {
        long id = await company.FoundAsync(TestUser.New());
        using HttpClient client = company.Service.Http(null);
        string token = company.Authority.UserToken(TestUser.New(), claims => claims["realm_access"] = new Dictionary<string, object> { ["roles"] = new[] { "admin", "operator", "service" } });
        client.DefaultRequestHeaders.Authorization = new("Bearer", token);
        await client.GetAsync($"/api/v1/company/{id}/managers", TestContext.Current.CancellationToken).ProblemAsync(403, "forbidden");
    }
}
