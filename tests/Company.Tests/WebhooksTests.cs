using System.Text.Json;
using BookSaga.Company.Tests.Support;
using BookSaga.Contracts;
using BookSaga.Contracts.Webhooks;
using Google.Protobuf.WellKnownTypes;
using Code = BookSaga.Contracts.Webhooks.WebhookAnswer.Types.Code;

namespace BookSaga.Company.Tests;

public sealed class WebhooksTests(CompanyFixture company) : IClassFixture<CompanyFixture>
{
    private const string Webhook = """{"id":5,"url":"https://example.com/","secret":"whsec_x"}""";
    private readonly TestUser _admin = TestUser.New();

    [Fact]
    public async Task A_new_webhook_is_shown_with_its_secret_and_notification_learns_whom_to_tell()
    {
        long id = await company.FoundAsync(_admin);
        company.Neighbours.Plan<WebhookFields>(_ => new WebhookAnswer { Code = Code.Ok, Json = Webhook });
        using HttpResponseMessage answer = await company.PostAsync(_admin, $"/company/{id}/webhooks", new { url = " https://example.com/ ", event_types = new[] { "booking.paid" } });
        ((int)answer.StatusCode).ShouldBe(201);
        answer.Headers.Location!.ToString().ShouldBe($"/api/v1/company/{id}/webhooks");
        (await answer.Content.ReadAsStringAsync()).ShouldBe(Webhook);
        WebhookFields asked = company.Neighbours.Calls.OfType<WebhookFields>().ShouldHaveSingleItem();
        (asked.CompanyId, asked.WebhookId, asked.Url, asked.HasActive).ShouldBe((id, 0, "https://example.com/", false));
        asked.EventTypes.ShouldBe(["booking.paid"]);
        CompanyChanged about = Json.Read<CompanyChanged>(asked.CompanyJson);
        (about.Id, about.Email).ShouldBe((id, "shop@example.com"));
        about.ManagerEmails.ShouldBe([_admin.Email]);
    }

    [Fact]
    public async Task Under_an_idempotency_key_no_secret_is_kept()
    {
        long id = await company.FoundAsync(_admin);
        company.Neighbours.Plan<WebhookFields>(_ => new WebhookAnswer { Code = Code.Ok, Json = Webhook });
        await company.SendAsync(_admin, "POST", $"/company/{id}/webhooks", "{}", key: "once").JsonAsync(201);
        (await company.ScalarAsync<long>("SELECT count(*) FROM idempotency WHERE key = 'once'")).ShouldBe(0);
    }

    [Fact]
    public async Task What_is_wrong_is_told_by_field()
    {
        long id = await company.FoundAsync(_admin);
        company.Neighbours.Plan<WebhookFields>(_ => new WebhookAnswer
        {
            Code = Code.Invalid,
            Problems = { new FieldProblem { Field = "url", Problem = "is required" }, new FieldProblem { Field = "event_types", Problem = "must have at least one of a, b" } },
        });
        await company.PostAsync(_admin, $"/company/{id}/webhooks").ProblemAsync(400, "url is required");
        JsonElement problem = await company.SendAsync(_admin, "PUT", $"/company/{id}/webhooks/5", """{"event_types":[null],"active":false}""").JsonAsync(400);
        problem.GetProperty("code").GetString().ShouldBe("invalid_webhook");
        problem.GetProperty("errors").GetRawText().ShouldBe("""{"url":["url is required"],"event_types":["event_types must have at least one of a, b"]}""");
        WebhookFields asked = company.Neighbours.Calls.OfType<WebhookFields>().Last();
        (asked.WebhookId, asked.Url, asked.HasActive, asked.Active).ShouldBe((5, "", true, false));
    }

    [Fact]
    public async Task A_replay_needs_a_time_that_is_one()
    {
        long id = await company.FoundAsync(_admin);
        string path = $"/company/{id}/webhooks/5/replay";
        company.Neighbours.Plan<ReplayWebhook>(_ => new WebhookAnswer { Code = Code.Ok, Json = """{"queued":3}""" });
        await company.PostAsync(_admin, path).ProblemAsync(400, "from is required");
        await company.PostAsync(_admin, path, new { from = "yesterday" }).ProblemAsync(400, "from must be an RFC 3339 time with an offset, such as 2030-01-31T10:00:00Z");
        (await company.PostAsync(_admin, path, new { from = "2026-11-01T03:00:00+03:00", only_undelivered = true }).JsonAsync(202)).GetRawText().ShouldBe("""{"queued":3}""");
        company.Neighbours.Calls.OfType<ReplayWebhook>().ShouldHaveSingleItem().ShouldBe(new ReplayWebhook
        {
            CompanyId = id, WebhookId = 5, From = Timestamp.FromDateTimeOffset(new DateTimeOffset(2026, 11, 1, 0, 0, 0, TimeSpan.Zero)), OnlyUndelivered = true,
        });
    }

    [Fact]
    public async Task Each_answer_of_notification_has_its_status()
    {
        long id = await company.FoundAsync(_admin);
        string path = $"/company/{id}/webhooks/5";
        company.Neighbours.Plan<WebhookKey>(_ => new WebhookAnswer { Code = Code.Ok });
        await company.SendAsync(_admin, "DELETE", path).JsonAsync(204);
        company.Neighbours.Plan<WebhookKey>(_ => new WebhookAnswer { Code = Code.Inactive });
        await company.PostAsync(_admin, path + "/test").ProblemAsync(409, "webhook is not active");
        company.Neighbours.Plan<WebhookKey>(_ => new WebhookAnswer { Code = Code.TooMany });
        await company.PostAsync(_admin, path + "/rotate-secret").ProblemAsync(409, "too many secrets");
        company.Neighbours.Plan<WebhookFields>(_ => new WebhookAnswer { Code = Code.TooMany });
        await company.PostAsync(_admin, $"/company/{id}/webhooks").ProblemAsync(409, "too many webhooks");
        company.Neighbours.Plan<ListDeliveries>(_ => new WebhookAnswer { Code = Code.Ok, Json = "[]" });
        (await company.GetAsync(_admin, path + "/deliveries?page=2&limit=7").JsonAsync(200)).GetRawText().ShouldBe("[]");
        company.Neighbours.Calls.ShouldHaveSingleItem().ShouldBe(new ListDeliveries { CompanyId = id, WebhookId = 5, Page = 2, Limit = 7 });
    }
}
