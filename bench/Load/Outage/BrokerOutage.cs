using System.Diagnostics;
using System.Globalization;
using BookSaga.Contracts;
using BookSaga.Launcher;
using BookSaga.Launcher.Processes;

namespace BookSaga.Load.Outage;

/// <summary>Bookings while the broker is away, and what becomes of their events when it returns.</summary>
internal sealed class BrokerOutage(OutagePlan plan, Platform platform, SmtpSink sink)
{
    /// <summary>The pause before the broker is started again: the load's time, and some to read what has become of everything.</summary>
    internal static TimeSpan Away(OutagePlan plan) => TimeSpan.FromSeconds(plan.OutageSeconds + 5);

    private const int AfterSeconds = 20;
    private static readonly TimeSpan DrainLimit = TimeSpan.FromMinutes(3);
    private static readonly TimeSpan CancelEvery = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(10);

    /// <exception cref="Failure">A booking failed, or an event is lost, doubled or without its booking.</exception>
    internal async Task<BrokerResult> RunAsync(CancellationToken stop)
    {
        using var stage = new Stage(platform, plan, sink);
        await stage.PrepareAsync();
        await QuietAsync();
        await stage.ReadyAsync(plan.BrokerRate * plan.BeforeSeconds);
        Measurement before = await stage.LoadAsync("with a broker", plan.BrokerRate, plan.BeforeSeconds);
        await QuietAsync();
        _ = await stage.Checks.RunAsync(before);
        _ = await stage.DeliveredAsync("with a broker");

        await stage.ReadyAsync(plan.BrokerRate * (plan.OutageSeconds + AfterSeconds));
        Dictionary<string, double> memoryBefore = Costs.Memory(platform);
        Stage.Say(string.Create(CultureInfo.InvariantCulture, $"the broker goes for {plan.OutageSeconds} s"));
        (Measurement during, int cancelled) = await AwayAsync(stage, stop);
        Dictionary<string, double> memoryAfter = Costs.Memory(platform);
        long backlog = 0;
        foreach (string service in (string[])["customer", "booking", "payment", "company"])
        {
            backlog += await stage.Databases.CountAsync(service, "SELECT count(*) FROM outbox");
        }
        long bytes = await stage.Databases.CountAsync("customer", "SELECT pg_total_relation_size('outbox')");
        Guid last = (await stage.Databases.QueryAsync("customer", "SELECT id FROM booking ORDER BY id DESC LIMIT 1", row => row.GetGuid(0))).Single();
        Stage.Say(string.Create(CultureInfo.InvariantCulture, $"{backlog:N0} events wait; the broker returns"));

        while (platform.State.Process(PlatformState.RabbitMq)?.Process is null)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(50), stop);
        }
        Task<Measurement> loading = stage.LoadAsync("while the backlog drains", plan.BrokerRate, AfterSeconds);
        var clock = Stopwatch.StartNew();
        await platform.Broker!.WaitAsync(names: false, platform.Logs, stop);
        TimeSpan back = clock.Elapsed;
        long events = await DrainedAsync(stage, last, during.Succeeded + cancelled, clock);
        TimeSpan drained = clock.Elapsed - back;
        Measurement after = await loading;
        await QuietAsync();
        _ = await stage.Checks.RunAsync(during.With(after));
        _ = await stage.DeliveredAsync("after the broker's return");
        _ = await stage.MailsAsync("after the broker's return", during.Succeeded + after.Succeeded + cancelled);
        (int overtaken, int mailsOvertaken, int outOfOrder) = await OrderAsync(stage, cancelled);
        return new BrokerResult(
            plan.OutageSeconds, Latency.Of(before), Latency.Of(during), Latency.Of(after), backlog, Math.Round(bytes / 1e6), Math.Round(back.TotalSeconds, 1), Math.Round(drained.TotalSeconds, 1),
            events, cancelled, overtaken, mailsOvertaken, outOfOrder, memoryBefore, memoryAfter);
    }

    // Books for the whole outage, and cancels two of these bookings a second.
    private async Task<(Measurement Load, int Cancelled)> AwayAsync(Stage stage, CancellationToken stop)
    {
        platform.State.Process(PlatformState.RabbitMq)?.Process?.Signal(Posix.Kill);
        Task<Measurement> load = stage.LoadAsync("without a broker", plan.BrokerRate, plan.OutageSeconds);
        Task refreshing = RefreshAsync();
        int cancelled = 0;
        while (!load.IsCompleted)
        {
            await Task.WhenAny(load, Task.Delay(CancelEvery, stop));
            foreach ((Guid booking, Guid owner) in await stage.Databases.QueryAsync(
                "customer", $"SELECT id, customer_id FROM booking WHERE id {stage.Checks.Since} AND status = 'paid' ORDER BY id DESC LIMIT 1", row => (row.GetGuid(0), row.GetGuid(1))))
            {
                await stage.Crowd.CancelAsync(booking, owner);
                cancelled++;
            }
        }
        await refreshing;
        return (await load, cancelled);

        async Task RefreshAsync()
        {
            while (await Task.WhenAny(load, Task.Delay(LookEvery, stop)) != load)
            {
                await stage.Crowd.RefreshAsync();
            }
        }
    }

    private static async Task<long> DrainedAsync(Stage stage, Guid last, long expected, Stopwatch clock)
    {
        while (true)
        {
            long stored = await stage.Databases.CountAsync("notification", $"SELECT count(*) FROM received WHERE booking_id {stage.Checks.Since} AND booking_id <= '{last}'");
            if (stored >= expected)
            {
                return stored;
            }
            if (clock.Elapsed > DrainLimit)
            {
                throw new Failure($"Of {expected} events of the outage {stored} had arrived {DrainLimit.TotalMinutes:0} minutes after the broker's return.");
            }
            await Task.Delay(TimeSpan.FromMilliseconds(200));
        }
    }

    // What a queue holds is in no database.
    private async Task QuietAsync()
    {
        for (var waited = Stopwatch.StartNew(); await platform.Broker!.MessagesAsync(CancellationToken.None) is not 0; await Task.Delay(TimeSpan.FromSeconds(1)))
        {
            if (waited.Elapsed > DrainLimit)
            {
                throw new Failure($"The broker still had messages {DrainLimit.TotalMinutes:0} minutes after the load.");
            }
        }
    }

    private async Task<(int Events, int Mails, int OutOfOrder)> OrderAsync(Stage stage, int cancelled)
    {
        List<(Guid Booking, string Type, DateTime Occurred, DateTime Received)> events = await stage.Databases.QueryAsync(
            "notification", $"SELECT booking_id, type, occurred_at, received_at FROM received WHERE booking_id {stage.Checks.Since} ORDER BY occurred_at",
            row => (row.GetGuid(0), row.GetString(1), row.GetDateTime(2), row.GetDateTime(3)));
        if (events.GroupBy(e => (e.Booking, e.Type)).FirstOrDefault(g => g.Count() > 1) is { } twice)
        {
            throw new Failure($"{twice.Key.Type} of booking {twice.Key.Booking} was stored {twice.Count()} times.");
        }
        Dictionary<Guid, DateTime> paid = events.Where(e => e.Type == EventTypes.BookingPaid).ToDictionary(e => e.Booking, e => e.Received);
        var called = events.Where(e => e.Type == EventTypes.BookingCancelled).ToList();
        if (called.Count != cancelled || called.Exists(e => !paid.ContainsKey(e.Booking)))
        {
            throw new Failure($"{cancelled} bookings were cancelled, but {called.Count} cancellations arrived, {called.Count(e => !paid.ContainsKey(e.Booking))} without their payment.");
        }
        int outOfOrder = 0;
        int older = 0;
        DateTime latest = DateTime.MinValue;
        foreach ((_, _, DateTime occurred, DateTime received) in events)
        {
            for (; events[older].Occurred < occurred.AddSeconds(-1); older++)
            {
                latest = events[older].Received > latest ? events[older].Received : latest;
            }
            outOfOrder += received < latest ? 1 : 0;
        }
        return (called.Count(e => e.Received < paid[e.Booking]), await MailsOvertakenAsync(stage), outOfOrder);
    }

    private async Task<int> MailsOvertakenAsync(Stage stage)
    {
        Dictionary<string, int> place = sink.Arrivals.Select((a, i) => (a.MessageId, i)).GroupBy(a => a.MessageId).ToDictionary(g => g.Key, g => g.First().i);
        List<(string Paid, string Cancelled)> pairs = await stage.Databases.QueryAsync(
            "notification",
            $"SELECT p.message_id, c.message_id FROM mail c JOIN mail p USING (booking_id, audience) WHERE c.kind = 'cancelled' AND p.kind = 'paid' AND booking_id {stage.Checks.Since}",
            row => (row.GetString(0), row.GetString(1)));
        return pairs.Count(p => place[p.Cancelled] < place[p.Paid]);
    }
}
