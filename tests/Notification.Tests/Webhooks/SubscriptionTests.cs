using BookSaga.Contracts;
using BookSaga.Contracts.Webhooks;
using BookSaga.Notification.Webhooks;
using Grpc.Core;
using Code = BookSaga.Contracts.Webhooks.WebhookAnswer.Types.Code;

namespace BookSaga.Notification.Tests.Webhooks;

public sealed class SubscriptionTests(Authority authority)
{
    [Fact]
    public async Task A_secret_is_shown_once_and_a_replaced_one_signs_for_another_day()
    {
        await using HookWorld world = await HookWorld.OpenAsync(authority);
        Webhook webhook = await world.SubscribeAsync();
        (await world.Webhooks.ListAsync(new CompanyKey { CompanyId = HookWorld.Company })).Json.ShouldNotContain("whsec_");
        Webhook rotated = HookWorld.Ok<Webhook>(await world.Webhooks.RotateSecretAsync(HookWorld.Key(webhook)));
        rotated.Secret.ShouldNotBe(webhook.Secret);

        await world.Office.DeliverAllAsync(Samples.Paid());
        await world.UntilAsync("state = 'delivered'");
        Call both = world.Endpoint.Calls.Single();
        both.Headers["webhook-signature"].Split(' ').Length.ShouldBe(2);
        (both.IsSignedBy(rotated.Secret!), both.IsSignedBy(webhook.Secret!)).ShouldBe((true, true));

        world.Office.Time.Advance(TimeSpan.FromDays(1.01));
        await world.Office.DeliverAllAsync(Samples.Paid());
        await world.UntilAsync("state = 'delivered'", 2);
        Call one = world.Endpoint.Calls.Last();
        (one.IsSignedBy(rotated.Secret!), one.IsSignedBy(webhook.Secret!)).ShouldBe((true, false));
    }

    [Fact]
    public async Task A_fifth_secret_within_a_day_is_the_last()
    {
        await using HookWorld world = await HookWorld.OpenAsync(authority);
        Webhook webhook = await world.SubscribeAsync();
        for (int i = 0; i < 4; i++)
        {
            (await world.Webhooks.RotateSecretAsync(HookWorld.Key(webhook))).Code.ShouldBe(Code.Ok);
        }
        (await world.Webhooks.RotateSecretAsync(HookWorld.Key(webhook))).Code.ShouldBe(Code.TooMany);
        world.Office.Time.Advance(TimeSpan.FromDays(2));
        (await world.Webhooks.RotateSecretAsync(HookWorld.Key(webhook))).Code.ShouldBe(Code.Ok);
    }

    [Fact]
    public async Task A_test_reaches_one_webhook_alone()
    {
        await using HookWorld world = await HookWorld.OpenAsync(authority);
        Webhook webhook = await world.SubscribeAsync();
        await world.SubscribeAsync(world.Endpoint.Url("/other"));
        WebhookTest test = HookWorld.Ok<WebhookTest>(await world.Webhooks.TestAsync(HookWorld.Key(webhook)));
        await world.UntilAsync("state = 'delivered'");
        Call call = world.Endpoint.Calls.ShouldHaveSingleItem();
        (call.Path, call.Id, call.Json.GetProperty("type").GetString()).ShouldBe(("/hook", test.Id, "webhook.test"));
        call.IsSignedBy(webhook.Secret!).ShouldBeTrue();
        (await world.LogAsync(webhook)).Single().BookingId.ShouldBeNull();
        (await world.ReplayAsync(webhook, DateTimeOffset.UnixEpoch)).ShouldBe(0);
    }

    [Fact]
    public async Task A_replay_sends_what_was_missed_and_what_was_told_under_the_same_ids()
    {
        await using HookWorld world = await HookWorld.OpenAsync(authority);
        Webhook webhook = await world.SubscribeAsync();
        BookingFinished early = Samples.Booking() with { OccurredAt = Samples.Appointment.AddDays(-9) };
        await world.Office.DeliverAllAsync(Samples.Paid(early), Samples.Paid());
        await world.UntilAsync("state = 'delivered'", 2);
        await world.UpdateAsync(webhook, active: false);
        await world.Office.DeliverAllAsync(Samples.Paid());
        (await world.CountAsync("true")).ShouldBe(2);
        await world.UpdateAsync(webhook, active: true);

        (await world.ReplayAsync(webhook, Samples.Appointment.AddDays(-3), onlyUndelivered: true)).ShouldBe(1);
        await world.UntilAsync("state = 'delivered'", 3);
        (await world.ReplayAsync(webhook, Samples.Appointment.AddDays(-3))).ShouldBe(2);
        await world.UntilAttemptsAsync(5);
        world.Endpoint.Calls.GroupBy(c => c.Id).Select(g => g.Count()).Order().ShouldBe([1, 2, 2]);
        (await world.ReplayAsync(webhook, Samples.Appointment)).ShouldBe(0);
    }

    [Fact]
    public async Task What_waits_for_a_webhook_that_is_switched_off_is_cancelled_and_a_replay_begins_its_schedule_anew()
    {
        await using HookWorld world = await HookWorld.OpenAsync(authority);
        world.Endpoint.Answer = Endpoint.Status(500);
        Webhook webhook = await world.SubscribeAsync();
        await world.Office.DeliverAllAsync(Samples.Paid());
        await world.UntilAttemptsAsync(1);
        await world.UpdateAsync(webhook, active: false);
        (await world.CountAsync("state = 'cancelled'")).ShouldBe(1);
        (await world.Webhooks.TestAsync(HookWorld.Key(webhook))).Code.ShouldBe(Code.Inactive);
        (await world.Webhooks.ReplayAsync(new ReplayWebhook { CompanyId = HookWorld.Company, WebhookId = webhook.Id, From = new() })).Code.ShouldBe(Code.Inactive);

        Webhook on = await world.UpdateAsync(webhook, active: true);
        on.FailingSince.ShouldBeNull();
        (await world.ReplayAsync(webhook, DateTimeOffset.UnixEpoch)).ShouldBe(1);
        await world.UntilAttemptsAsync(2);
        (await world.LogAsync(webhook)).Single().NextAttemptAt!.Value.ShouldBe(world.Office.Time.GetUtcNow() + RetrySchedule.PauseAfter(1), TimeSpan.FromMilliseconds(1));
    }

    [Fact]
    public async Task Another_address_takes_what_waits_and_the_old_ones_end_does_not_concern_it()
    {
        await using HookWorld world = await HookWorld.OpenAsync(authority);
        var answer = new TaskCompletionSource();
        world.Endpoint.Answer = async (call, context) =>
        {
            if (call.Path == "/hook")
            {
                await answer.Task;
                context.Response.StatusCode = 410;
            }
        };
        Webhook webhook = await world.SubscribeAsync();
        await world.Office.DeliverAllAsync(Samples.Paid());
        await world.Office.UntilAsync(() => Task.FromResult(!world.Endpoint.Calls.IsEmpty));
        await world.UpdateAsync(webhook, world.Endpoint.Url("/new"));
        answer.SetResult();
        await world.UntilAttemptsAsync(1);
        (await world.GetAsync(webhook)).Active.ShouldBeTrue();
        await world.Office.DeliverAllAsync(Samples.Paid());
        await world.UntilAsync("state = 'delivered'");
        world.Endpoint.Calls.Last().Path.ShouldBe("/new");
    }

    [Fact]
    public async Task A_deleted_webhook_takes_its_deliveries_with_it()
    {
        await using HookWorld world = await HookWorld.OpenAsync(authority);
        Webhook webhook = await world.SubscribeAsync();
        await world.Office.DeliverAllAsync(Samples.Paid());
        await world.UntilAsync("state = 'delivered'");
        (await world.Webhooks.DeleteAsync(HookWorld.Key(webhook))).Code.ShouldBe(Code.Ok);
        (await world.Office.ReadAsync<long>("SELECT (SELECT count(*) FROM webhook_delivery) + (SELECT count(*) FROM webhook_attempt) + (SELECT count(*) FROM webhook_secret)")).ShouldBe(0);
        (await world.Webhooks.DeleteAsync(HookWorld.Key(webhook))).Code.ShouldBe(Code.NotFound);
    }

    [Fact]
    public async Task Another_companys_webhook_is_not_there()
    {
        await using HookWorld world = await HookWorld.OpenAsync(authority);
        Webhook webhook = await world.SubscribeAsync();
        string before = Json.Write(await world.GetAsync(webhook));
        var key = new WebhookKey { CompanyId = 43, WebhookId = webhook.Id };
        var fields = new WebhookFields { CompanyId = 43, WebhookId = webhook.Id, Url = webhook.Url, EventTypes = { "booking.paid" }, Active = false, CompanyJson = Json.Write(Samples.Salon) };
        (await world.Webhooks.UpdateAsync(fields)).Code.ShouldBe(Code.NotFound);
        (await world.Webhooks.DeleteAsync(key)).Code.ShouldBe(Code.NotFound);
        (await world.Webhooks.RotateSecretAsync(key)).Code.ShouldBe(Code.NotFound);
        (await world.Webhooks.TestAsync(key)).Code.ShouldBe(Code.NotFound);
        (await world.Webhooks.ReplayAsync(new ReplayWebhook { CompanyId = 43, WebhookId = webhook.Id, From = new() })).Code.ShouldBe(Code.NotFound);
        (await world.Webhooks.DeliveriesAsync(new ListDeliveries { CompanyId = 43, WebhookId = webhook.Id, Page = 1, Limit = 1 })).Code.ShouldBe(Code.NotFound);
        (await world.Webhooks.ListAsync(new CompanyKey { CompanyId = 43 })).Json.ShouldBe("[]");
        Json.Write(await world.GetAsync(webhook)).ShouldBe(before, "nothing of it has changed");
    }

    [Theory]
    [InlineData("", "is required")]
    [InlineData("hooks", "must be an address such as https://example.com/hooks")]
    [InlineData("http://example.com/", "must begin with https://")]
    [InlineData("file:///etc/passwd", "must be an address such as https://example.com/hooks")]
    [InlineData("ftp://example.com/", "must begin with https://")]
    [InlineData("https://user:password@example.com/", "must have neither user nor fragment")]
    [InlineData("https://example.com/#a", "must have neither user nor fragment")]
    [InlineData("https://127.0.0.1/", "must lead to a public address")]
    [InlineData("https://[::ffff:10.0.0.1]/", "must lead to a public address")]
    [InlineData("https://2130706433/", "must lead to a public address")]
    [InlineData("https://0x7f.1/", "must lead to a public address")]
    public async Task What_cannot_be_a_webhook_is_named_by_field(string url, string problem)
    {
        await using HookWorld world = await HookWorld.OpenAsync(authority, new() { ["Webhooks:AllowHttp"] = "false", ["Webhooks:AllowPrivateAddresses"] = "false" });
        var fields = new WebhookFields { CompanyId = 42, Url = url, EventTypes = { "booking.paid", "booking.dreamt" }, CompanyJson = Json.Write(Samples.Salon) };
        WebhookAnswer answer = await world.Webhooks.CreateAsync(fields);
        answer.Code.ShouldBe(Code.Invalid);
        answer.Problems.Select(p => $"{p.Field} {p.Problem}").ShouldBe(
            ["url " + problem, "event_types has the unknown type booking.dreamt; known are booking.paid, booking.failed, booking.cancelled"]);
    }

    [Fact]
    public async Task A_company_has_ten_at_most()
    {
        await using HookWorld world = await HookWorld.OpenAsync(authority);
        for (int i = 0; i < 10; i++)
        {
            await world.SubscribeAsync();
        }
        var fields = new WebhookFields { CompanyId = 42, Url = world.Endpoint.Url(), EventTypes = { "booking.paid" }, CompanyJson = Json.Write(Samples.Salon) };
        (await world.Webhooks.CreateAsync(fields)).Code.ShouldBe(Code.TooMany);
        await world.SubscribeAsync(company: 43);
    }

    [Fact]
    public async Task Users_may_not_call()
    {
        await using HookWorld world = await HookWorld.OpenAsync(authority);
        var client = new Contracts.Webhooks.Webhooks.WebhooksClient(world.Office.Service.Grpc(authority.Provider.UserToken(TestUser.New())));
        (await Should.ThrowAsync<RpcException>(async () => await client.ListAsync(new CompanyKey { CompanyId = 42 }))).StatusCode.ShouldBe(StatusCode.PermissionDenied);
    }

    [Fact]
    public async Task Events_are_forgotten_after_their_time_and_what_waits_is_not()
    {
        await using HookWorld world = await HookWorld.OpenAsync(authority);
        await world.SubscribeAsync();
        await world.Office.DeliverAllAsync(Samples.Paid());
        await world.UntilAsync("state = 'delivered'");
        world.Office.Time.Advance(TimeSpan.FromDays(29));
        world.Endpoint.Answer = Endpoint.Status(500);
        await world.Office.DeliverAllAsync(Samples.Event(EventTypes.BookingCancelled, Samples.Cancelled("customer", null, 0)));
        await world.UntilAttemptsAsync(2);
        world.Office.Time.Advance(TimeSpan.FromDays(1.1));
        await world.Office.UntilAsync(async () => await world.Office.ReadAsync<string>("SELECT string_agg(type, ' ') FROM webhook_event") == "booking.cancelled", TimeSpan.FromMinutes(1));
    }
}
