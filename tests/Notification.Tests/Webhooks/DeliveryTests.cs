using System.Text.Json;
using BookSaga.Contracts;
using BookSaga.Contracts.Events;

namespace BookSaga.Notification.Tests.Webhooks;

public sealed class DeliveryTests(Authority authority)
{
    [Fact]
    public async Task A_paid_booking_is_told_signed_and_with_what_the_company_needs()
    {
        await using HookWorld world = await HookWorld.OpenAsync(authority);
        Webhook webhook = await world.SubscribeAsync();
        BookingFinished booking = Samples.Booking();
        var id = Guid.NewGuid();
        await world.Office.DeliverAllAsync(Samples.Paid(booking, id));
        await world.UntilAsync("state = 'delivered'");

        Call call = world.Endpoint.Calls.ShouldHaveSingleItem();
        call.Id.ShouldBe($"msg_{id:N}_{webhook.Id}");
        call.IsSignedBy(webhook.Secret!).ShouldBeTrue();
        call.Timestamp.ShouldBe(world.Office.Time.GetUtcNow(), TimeSpan.FromSeconds(1));
        call.Headers["content-type"].ShouldBe("application/json");
        call.Headers.Keys.ShouldNotContain("traceparent");
        call.Headers.Keys.ShouldNotContain("cookie");
        call.Json.GetProperty("type").GetString().ShouldBe("booking.paid");
        call.Json.GetProperty("timestamp").GetDateTimeOffset().ShouldBe(booking.OccurredAt);
        call.Json.EnumerateObject().Select(p => p.Name).ShouldBe(["type", "timestamp", "data"]);
        JsonElement data = call.Json.GetProperty("data");
        data.GetProperty("booking_id").GetGuid().ShouldBe(booking.BookingId);
        data.GetProperty("offer_id").GetInt64().ShouldBe(1017);
        data.GetProperty("company_id").GetInt64().ShouldBe(42);
        data.GetProperty("price").GetDecimal().ShouldBe(1500.5m);
        data.GetProperty("datetime").GetString().ShouldBe("2026-12-07T11:30:00Z");
        data.GetProperty("customer").GetProperty("last_name").GetString().ShouldBe("О'Нил");

        WebhookDelivery logged = (await world.LogAsync(webhook)).ShouldHaveSingleItem();
        (logged.Id, logged.State, logged.BookingId, logged.NextAttemptAt).ShouldBe((call.Id, "delivered", booking.BookingId, null));
        (logged.Attempts.Single().Status, logged.Attempts.Single().Error).ShouldBe((204, null));
    }

    [Fact]
    public async Task Each_outcome_has_its_type_and_its_facts()
    {
        await using HookWorld world = await HookWorld.OpenAsync(authority);
        await world.SubscribeAsync();
        await world.Office.DeliverAllAsync(
            Samples.Event(EventTypes.BookingFailed, Samples.Failed("insufficient_funds")),
            Samples.Event(EventTypes.BookingCancelled, Samples.Cancelled("customer", null, 150050)));
        await world.UntilAsync("state = 'delivered'", 2);
        Dictionary<string, JsonElement> told = world.Endpoint.Calls.ToDictionary(c => c.Json.GetProperty("type").GetString()!, c => c.Json.GetProperty("data"));
        told["booking.failed"].GetProperty("reason").GetString().ShouldBe("insufficient_funds");
        told["booking.cancelled"].GetProperty("cancelled_by").GetString().ShouldBe("customer");
        told["booking.cancelled"].GetProperty("refunded").GetDecimal().ShouldBe(1500.5m);
    }

    [Fact]
    public async Task A_booking_whose_offer_was_never_held_is_not_the_companys_business()
    {
        await using HookWorld world = await HookWorld.OpenAsync(authority);
        await world.SubscribeAsync();
        await world.Office.DeliverAllAsync(Samples.Event(EventTypes.BookingFailed, Samples.Failed("offer_taken") with { Snapshot = null }));
        (await world.Office.ReadAsync<long>("SELECT count(*) FROM received")).ShouldBe(1);
        (await world.Office.ReadAsync<long>("SELECT count(*) FROM webhook_event")).ShouldBe(0);
    }

    [Fact]
    public async Task Only_the_companys_own_webhooks_that_are_on_hear_what_they_asked_for()
    {
        await using HookWorld world = await HookWorld.OpenAsync(authority);
        await world.SubscribeAsync(world.Endpoint.Url("/both"));
        await world.SubscribeAsync(world.Endpoint.Url("/cancelled"), types: ["booking.cancelled"]);
        await world.SubscribeAsync(world.Endpoint.Url("/off"), active: false);
        await world.SubscribeAsync(world.Endpoint.Url("/other"), company: 43);
        await world.Office.DeliverAllAsync(Samples.Paid(), Samples.Event(EventTypes.BookingCancelled, Samples.Cancelled("company", "ill", 0)));
        await world.UntilAsync("state = 'delivered'", 3);
        (await world.CountAsync("true")).ShouldBe(3);
        world.Endpoint.Calls.Select(c => c.Path).Order(StringComparer.Ordinal).ShouldBe(["/both", "/both", "/cancelled"]);
    }

    [Fact]
    public async Task Ten_deliveries_of_one_event_make_one_request()
    {
        await using HookWorld world = await HookWorld.OpenAsync(authority);
        await world.SubscribeAsync();
        Event received = Samples.Paid();
        await world.Office.DeliverAllAsync(received, received);
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => world.Office.DeliverAllAsync(received)));
        await world.UntilAsync("state = 'delivered'");
        await world.Office.DeliverAllAsync(received);
        (await world.CountAsync("true")).ShouldBe(1);
        world.Endpoint.Calls.Count.ShouldBe(1);
    }

    [Fact]
    public async Task An_event_and_its_deliveries_are_one_commit()
    {
        await using HookWorld world = await HookWorld.OpenAsync(authority);
        await world.SubscribeAsync();
        await ExecuteAsync("CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'refused'; END $$");
        await ExecuteAsync("CREATE TRIGGER refuse BEFORE INSERT ON webhook_delivery FOR EACH ROW EXECUTE FUNCTION refuse()");
        Event received = Samples.Paid();
        await world.Office.StoreAllAsync(received);
        await world.Office.UntilAsync(async () => await world.Office.ReadAsync<bool>("SELECT unfold_at > received_at FROM received"));
        (await world.Office.ReadAsync<long>("SELECT (SELECT count(*) FROM mail) + (SELECT count(*) FROM webhook_event)")).ShouldBe(0);

        await ExecuteAsync("DROP TRIGGER refuse ON webhook_delivery");
        await world.Office.UntilAsync(async () => await world.Office.FoldedAsync() == 0, TimeSpan.FromSeconds(5));
        await world.UntilAsync("state = 'delivered'");
        await world.Office.UntilSentAsync(2);

        Task ExecuteAsync(string sql) => Hosting.Data.Query.ExecuteAsync(world.Office.Database.Db, sql, CancellationToken.None);
    }
}
