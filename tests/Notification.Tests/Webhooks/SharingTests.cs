using BookSaga.Contracts;
using BookSaga.Contracts.Events;
using BookSaga.Contracts.Queues;
using BookSaga.Hosting.Data;

namespace BookSaga.Notification.Tests.Webhooks;

public sealed class SharingTests(Authority authority)
{
    [Fact]
    public async Task An_endpoint_that_stalls_holds_up_no_other_and_no_mail()
    {
        await using HookWorld world = await HookWorld.OpenAsync(authority, new() { ["Webhooks:Timeout"] = "00:01:00", ["Webhooks:Concurrency"] = "6" });
        world.Endpoint.Answer = (call, context) => call.Path == "/slow" ? Endpoint.StallAsync(context) : Task.CompletedTask;
        Webhook slow = await world.SubscribeAsync(world.Endpoint.Url("/slow"));
        await world.Office.DeliverAllAsync(Many(60));
        await world.Office.UntilAsync(() => Task.FromResult(world.Endpoint.Calls.Count >= 4));
        Webhook quick = await world.SubscribeAsync(world.Endpoint.Url("/quick"));
        await world.Office.DeliverAllAsync(Many(60));
        await world.UntilAsync($"state = 'delivered' AND webhook_id = {quick.Id}", 60);
        world.Endpoint.Calls.Count(call => call.Path == "/slow").ShouldBe(4); // none of which has been given up
        world.Endpoint.MostAtOnce("/slow").ShouldBe(4);
        (await world.CountAsync($"webhook_id = {slow.Id} AND held")).ShouldBe(4);
        await world.Office.UntilSentAsync(240);
    }

    [Fact]
    public async Task One_that_fails_gets_one_request_at_a_time()
    {
        await using HookWorld world = await HookWorld.OpenAsync(authority, new() { ["Webhooks:Timeout"] = "00:00:15" });
        world.Endpoint.Answer = Endpoint.Status(500);
        Webhook webhook = await world.SubscribeAsync();
        await world.Office.DeliverAllAsync(Samples.Paid());
        await world.UntilAttemptsAsync(1);
        var answer = new TaskCompletionSource();
        world.Endpoint.Answer = (call, _) => call.Path == "/hook" ? answer.Task : Task.CompletedTask;
        await world.Office.DeliverAllAsync(Many(30));
        await world.Office.UntilAsync(() => Task.FromResult(world.Endpoint.Calls.Count == 2));
        // The pump has looked again, and has found room for another.
        await world.SubscribeAsync(world.Endpoint.Url("/quick"));
        await world.Office.DeliverAllAsync(Samples.Paid());
        await world.UntilAsync("state = 'delivered'");
        (await world.CountAsync($"webhook_id = {webhook.Id} AND held")).ShouldBe(1);
        world.Endpoint.MostAtOnce("/hook").ShouldBe(1);

        // The first that is taken ends it.
        answer.SetResult();
        await world.UntilAsync($"state = 'delivered' AND webhook_id = {webhook.Id}", 31);
        (await world.GetAsync(webhook)).FailingSince.ShouldBeNull();
    }

    [Fact]
    public async Task Replicas_send_each_delivery_once_and_keep_the_limit_together()
    {
        await using HookWorld world = await HookWorld.OpenAsync(authority, new() { ["Webhooks:ConcurrencyPerWebhook"] = "3" }, replicas: 3);
        world.Endpoint.Answer = async (_, _) => await Task.Yield();
        await world.SubscribeAsync(world.Endpoint.Url("/a"));
        await world.SubscribeAsync(world.Endpoint.Url("/b"));
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => world.Office.DeliverAllAsync(Many(50))));
        await world.UntilAsync("state = 'delivered'", 400);
        world.Endpoint.Calls.Count.ShouldBe(400);
        world.Endpoint.Calls.Select(c => c.Id).Distinct().Count().ShouldBe(400);
        world.Endpoint.MostAtOnce("/a").ShouldBeLessThanOrEqualTo(3);
        world.Endpoint.MostAtOnce("/b").ShouldBeLessThanOrEqualTo(3);
    }

    [Fact]
    public async Task What_a_dead_process_held_is_sent_when_its_lease_has_passed_and_its_late_failure_counts_no_more()
    {
        await using HookWorld world = await HookWorld.OpenAsync(authority);
        Webhook webhook = await world.SubscribeAsync(active: false);
        await world.Office.DeliverAllAsync(Samples.Paid());
        // As a process leaves it that claimed and died.
        await world.Office.Database.Db.ExecuteAsync(
            "INSERT INTO webhook_delivery (webhook_id, event_id, attempts, held, next_at, queued_at) SELECT $1, event_id, 1, true, $2, $3 FROM webhook_event",
            CancellationToken.None, webhook.Id, world.Office.Time.GetUtcNow().AddSeconds(11), world.Office.Time.GetUtcNow());
        await world.Office.Database.Db.ExecuteAsync("UPDATE webhook SET active = true", CancellationToken.None);
        world.Office.Time.Advance(TimeSpan.FromSeconds(10));
        await world.Office.DeliverAllAsync(Samples.Paid());
        await world.UntilAsync("state = 'delivered'");
        world.Office.Time.Advance(TimeSpan.FromSeconds(2));
        await world.UntilAsync("state = 'delivered'", 2);
        (await world.CountAsync("attempts = 2")).ShouldBe(1);
    }

    [Fact]
    public async Task A_cleanup_that_fails_holds_up_no_webhook()
    {
        await using HookWorld world = await HookWorld.OpenAsync(authority);
        await world.SubscribeAsync();
        await world.Office.Database.Db.ExecuteAsync("CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'refused'; END $$", CancellationToken.None);
        await world.Office.Database.Db.ExecuteAsync("CREATE TRIGGER refuse BEFORE DELETE ON webhook_secret FOR EACH STATEMENT EXECUTE FUNCTION refuse()", CancellationToken.None);
        world.Office.Time.Advance(TimeSpan.FromHours(1.1));
        await world.Office.DeliverAllAsync(Samples.Paid());
        await world.UntilAsync("state = 'delivered'");
    }

    [Fact]
    public async Task At_a_stop_the_request_under_way_may_finish()
    {
        await using HookWorld world = await HookWorld.OpenAsync(authority);
        var answer = new TaskCompletionSource();
        world.Endpoint.Answer = (_, _) => answer.Task;
        await world.SubscribeAsync();
        await world.Office.DeliverAllAsync(Samples.Paid());
        await world.Office.UntilAsync(() => Task.FromResult(!world.Endpoint.Calls.IsEmpty));
        Task stopped = world.Office.Service.DisposeAsync().AsTask();
        stopped.IsCompleted.ShouldBeFalse();
        answer.SetResult();
        await stopped;
        (await world.CountAsync("state = 'delivered' AND attempts = 1")).ShouldBe(1);
    }

    [Fact]
    public async Task Operators_see_what_was_given_up_and_try_it_again()
    {
        await using HookWorld world = await HookWorld.OpenAsync(authority);
        world.Endpoint.Answer = Endpoint.Status(500);
        Webhook webhook = await world.SubscribeAsync();
        BookingFinished booking = Samples.Booking();
        var id = Guid.NewGuid();
        await world.Office.DeliverAllAsync(Samples.Paid(booking, id));
        await world.UntilAttemptsAsync(1);
        await world.Office.Database.Db.ExecuteAsync("UPDATE webhook_delivery SET attempts = 11, next_at = $1", CancellationToken.None, world.Office.Time.GetUtcNow());
        await world.UntilAsync("state = 'failed'");

        var queues = new Queues.QueuesClient(world.Office.Service.Grpc());
        Queue queue = (await queues.DescribeAsync(new DescribeQueues())).Queues.Single(q => q.Name == "webhook");
        (queue.Waiting, queue.Dead, queue.LastError).ShouldBe((0, 1, "answered 500"));
        DeadLetter letter = (await queues.DeadLettersAsync(new ListDeadLetters { Limit = 100 })).Letters.ShouldHaveSingleItem();
        (letter.Id, letter.Queue, letter.Type, letter.BookingId, letter.Attempts).ShouldBe(($"msg_{id:N}_{webhook.Id}", "webhook", "booking.paid", $"{booking.BookingId}", 12));

        world.Endpoint.Answer = Endpoint.Status(204);
        (await queues.ReplayAsync(new ReplayDeadLetters { Ids = { letter.Id, "nonsense" } })).Count.ShouldBe(1);
        await world.UntilAsync("state = 'delivered'");
        (await queues.DescribeAsync(new DescribeQueues())).Queues.Select(q => q.Name).ShouldBe(["mail", "webhook"]);
    }

    private static Event[] Many(int count) => [.. Enumerable.Range(0, count).Select(_ => Samples.Paid())];
}
