using System.Net;
using System.Net.Sockets;
using BookSaga.Contracts;
using BookSaga.Notification.Webhooks;
using Microsoft.AspNetCore.Http;

namespace BookSaga.Notification.Tests.Webhooks;

public sealed class FailureTests(Authority authority)
{
    [Fact]
    public async Task A_failed_delivery_is_tried_on_schedule_under_one_id_and_given_up_after_the_last_attempt()
    {
        await using HookWorld world = await HookWorld.OpenAsync(authority);
        world.Endpoint.Answer = Endpoint.Status(500, "broken");
        Webhook webhook = await world.SubscribeAsync();
        await world.Office.DeliverAllAsync(Samples.Paid());
        for (int attempt = 1; attempt < RetrySchedule.MaxAttempts; attempt++)
        {
            await world.UntilAttemptsAsync(attempt);
            TimeSpan pause = RetrySchedule.PauseAfter(attempt);
            (await world.LogAsync(webhook)).Single().NextAttemptAt!.Value.ShouldBe(world.Office.Time.GetUtcNow() + pause, TimeSpan.FromMilliseconds(1));
            world.Office.Time.Advance(pause + TimeSpan.FromMilliseconds(1));
        }
        await world.UntilAsync("state = 'failed'");
        WebhookDelivery logged = (await world.LogAsync(webhook)).Single();
        logged.Attempts.Count.ShouldBe(RetrySchedule.MaxAttempts);
        logged.Attempts.ShouldAllBe(a => a.Status == 500 && a.Error == "answered 500" && a.Answer == "broken");
        logged.Attempts.Select(a => a.At).ShouldBeInOrder(SortDirection.Descending);
        world.Endpoint.Calls.Select(c => c.Id).Distinct().ShouldHaveSingleItem();
        world.Endpoint.Calls.Select(c => c.Body).Distinct().ShouldHaveSingleItem();
        world.Endpoint.Calls.Select(c => c.Timestamp).Distinct().Count().ShouldBe(RetrySchedule.MaxAttempts);
        world.Endpoint.Calls.ShouldAllBe(c => c.IsSignedBy(webhook.Secret!));

        // Its mails have gone all the same, and the webhook is on: it has not failed for five days.
        await world.Office.UntilSentAsync(2);
        (await world.GetAsync(webhook)).Active.ShouldBeTrue();
    }

    [Fact]
    public async Task An_endpoint_that_asks_for_time_gets_it()
    {
        await using HookWorld world = await HookWorld.OpenAsync(authority);
        world.Endpoint.Answer = (_, context) =>
        {
            (context.Response.StatusCode, context.Response.Headers.RetryAfter) = (429, "120");
            return Task.CompletedTask;
        };
        Webhook webhook = await world.SubscribeAsync();
        await world.Office.DeliverAllAsync(Samples.Paid());
        await world.UntilAttemptsAsync(1);
        (await world.LogAsync(webhook)).Single().NextAttemptAt!.Value.ShouldBe(world.Office.Time.GetUtcNow().AddMinutes(2), TimeSpan.FromSeconds(1));
    }

    [Fact]
    public async Task Gone_switches_the_webhook_off_at_once_and_tells_the_managers()
    {
        await using HookWorld world = await HookWorld.OpenAsync(authority);
        world.Endpoint.Answer = Endpoint.Status(503);
        Webhook webhook = await world.SubscribeAsync();
        await world.Office.DeliverAllAsync(Samples.Paid(), Samples.Paid());
        await world.UntilAttemptsAsync(2);
        world.Endpoint.Answer = Endpoint.Status(410);
        await world.Office.DeliverAllAsync(Samples.Paid());
        await world.UntilAsync("state = 'failed'");
        Webhook off = await world.GetAsync(webhook);
        (off.Active, off.DisabledReason).ShouldBe((false, "gone"));
        (await world.CountAsync("state = 'cancelled'")).ShouldBe(2);

        await world.Office.UntilSentAsync(7);
        Received mail = world.Office.Server.Mails.Single(m => m.Message.Subject!.StartsWith("Вебхук отключён", StringComparison.Ordinal));
        mail.Recipients.ShouldBe(["salon@example.com", "boss@example.com", "desk@example.com"], ignoreOrder: true);
        mail.Message.TextBody!.ShouldContain(webhook.Url);
        mail.Message.TextBody!.ShouldContain("410");

        int calls = world.Endpoint.Calls.Count;
        await world.Office.DeliverAllAsync(Samples.Paid());
        (await world.CountAsync("state = 'waiting'")).ShouldBe(0);
        world.Endpoint.Calls.Count.ShouldBe(calls);
    }

    [Fact]
    public async Task Gone_from_an_address_that_is_the_webhooks_no_longer_fails_nothing()
    {
        await using HookWorld world = await HookWorld.OpenAsync(authority);
        Webhook webhook = await world.SubscribeAsync();
        world.Endpoint.Answer = async (call, context) =>
        {
            if (call.Path == "/hook")
            {
                await world.UpdateAsync(webhook, url: world.Endpoint.Url("/new"));
                context.Response.StatusCode = 410;
            }
        };
        await world.Office.DeliverAllAsync(Samples.Paid());
        await world.UntilAttemptsAsync(1);
        (await world.GetAsync(webhook)).Active.ShouldBeTrue();
        world.Office.Time.Advance(RetrySchedule.PauseAfter(1) + TimeSpan.FromMilliseconds(1));
        await world.UntilAsync("state = 'delivered'");
        world.Endpoint.Calls.Select(c => c.Path).ShouldBe(["/hook", "/new"]);
    }

    [Fact]
    public async Task Five_days_of_failures_alone_switch_it_off_and_one_success_begins_them_anew()
    {
        await using HookWorld world = await HookWorld.OpenAsync(authority);
        Webhook webhook = await world.SubscribeAsync();
        world.Endpoint.Answer = Endpoint.Status(500);
        await FailAsync(1);
        (await world.GetAsync(webhook)).FailingSince.ShouldNotBeNull();
        world.Office.Time.Advance(TimeSpan.FromDays(3));
        world.Endpoint.Answer = Endpoint.Status(200);
        await world.UntilAsync("state = 'delivered'");
        (await world.GetAsync(webhook)).FailingSince.ShouldBeNull();

        world.Endpoint.Answer = Endpoint.Status(500);
        await FailAsync(3);
        world.Office.Time.Advance(TimeSpan.FromDays(4.9));
        await world.UntilAttemptsAsync(4);
        (await world.GetAsync(webhook)).Active.ShouldBeTrue();

        world.Office.Time.Advance(TimeSpan.FromDays(0.2));
        await world.UntilAsync("state = 'cancelled'");
        Webhook off = await world.GetAsync(webhook);
        (off.Active, off.DisabledReason).ShouldBe((false, "failing"));
        await world.Office.UntilAsync(() => Task.FromResult(world.Office.Server.Mails.Count(m => m.Message.Subject!.StartsWith("Вебхук отключён", StringComparison.Ordinal)) == 1));

        async Task FailAsync(int attempts)
        {
            await world.Office.DeliverAllAsync(Samples.Paid());
            await world.UntilAttemptsAsync(attempts);
        }
    }

    [Fact]
    public async Task The_mail_goes_to_those_who_manage_the_company_now()
    {
        await using HookWorld world = await HookWorld.OpenAsync(authority);
        world.Endpoint.Answer = Endpoint.Status(410);
        await world.SubscribeAsync(about: Samples.Salon with { Email = null, ManagerEmails = ["left@example.com"] });
        await world.Office.DeliverAllAsync(Samples.Paid(Samples.Booking(company: Samples.Salon with { Version = 4, Email = null, ManagerEmails = ["new@example.com"] })));
        await world.Office.UntilSentAsync(3);
        world.Office.Server.Mails.Single(m => m.Message.Subject!.StartsWith("Вебхук отключён", StringComparison.Ordinal)).Recipients.ShouldBe(["new@example.com"]);
    }

    [Fact]
    public async Task A_redirect_is_a_failure_and_is_not_followed()
    {
        await using HookWorld world = await HookWorld.OpenAsync(authority);
        world.Endpoint.Answer = (_, context) =>
        {
            context.Response.Redirect(world.Endpoint.Url("/elsewhere"), permanent: false, preserveMethod: true);
            return Task.CompletedTask;
        };
        Webhook webhook = await world.SubscribeAsync();
        await world.Office.DeliverAllAsync(Samples.Paid());
        await world.UntilAttemptsAsync(1);
        WebhookAttempt attempt = (await world.LogAsync(webhook)).Single().Attempts.Single();
        (attempt.Status, attempt.Error).ShouldBe((307, "redirects are not followed"));
        world.Endpoint.Calls.ShouldHaveSingleItem().Path.ShouldBe("/hook");
    }

    [Fact]
    public async Task An_endpoint_that_does_not_answer_in_time_has_failed()
    {
        await using HookWorld world = await HookWorld.OpenAsync(authority);
        world.Endpoint.Answer = (_, context) => Endpoint.StallAsync(context);
        Webhook webhook = await world.SubscribeAsync();
        await world.Office.DeliverAllAsync(Samples.Paid());
        await world.UntilAttemptsAsync(1);
        WebhookAttempt attempt = (await world.LogAsync(webhook)).Single().Attempts.Single();
        (attempt.Status, attempt.Error).ShouldBe((null, "no answer within 00:00:01"));
        attempt.DurationMs.ShouldBeInRange(900, 5000);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Of_an_answer_without_end_a_kilobyte_is_read(bool stalls)
    {
        await using HookWorld world = await HookWorld.OpenAsync(authority);
        world.Endpoint.Answer = async (_, context) =>
        {
            await context.Response.WriteAsync("\0" + new string('я', 400));
            while (!context.RequestAborted.IsCancellationRequested)
            {
                await (stalls ? Endpoint.StallAsync(context) : context.Response.WriteAsync(new string('x', 64 * 1024)));
            }
        };
        Webhook webhook = await world.SubscribeAsync();
        await world.Office.DeliverAllAsync(Samples.Paid());
        await world.UntilAsync("state = 'delivered'");
        WebhookAttempt attempt = (await world.LogAsync(webhook)).Single().Attempts.Single();
        attempt.Status.ShouldBe(200);
        attempt.Answer.ShouldStartWith(" яяяя");
        attempt.Answer.Length.ShouldBe(stalls ? 401 : 401 + 1024 - 801);
    }

    [Fact]
    public async Task A_failure_that_quotes_the_endpoint_is_recorded_whatever_it_quotes()
    {
        await using HookWorld world = await HookWorld.OpenAsync(authority);
        using var endpoint = new TcpListener(IPAddress.Loopback, 0);
        endpoint.Start();
        Task answered = Task.Run(async () =>
        {
            using TcpClient client = await endpoint.AcceptTcpClientAsync();
            using var request = new StreamReader(client.GetStream(), leaveOpen: true);
            await request.ReadLineAsync();
            await client.GetStream().WriteAsync("not\0http at all\r\n\r\n"u8.ToArray());
        });
        Webhook webhook = await world.SubscribeAsync($"http://{endpoint.LocalEndpoint}/");
        await world.Office.DeliverAllAsync(Samples.Paid());
        await answered;
        await world.UntilAttemptsAsync(1);
        (await world.LogAsync(webhook)).Single().Attempts.Single().Error!.ShouldContain("not http");
    }

    [Fact]
    public async Task Nobody_there_is_a_failure_like_any_other()
    {
        await using HookWorld world = await HookWorld.OpenAsync(authority);
        Webhook webhook = await world.SubscribeAsync($"http://127.0.0.1:{FreePort.Next()}/");
        await world.Office.DeliverAllAsync(Samples.Paid());
        await world.UntilAttemptsAsync(1);
        (await world.LogAsync(webhook)).Single().Attempts.Single().Error!.ShouldContain("Connection refused");
    }
}
