using System.Diagnostics;
using System.Globalization;
using BookSaga.Launcher;
using BookSaga.Launcher.Chaos;

namespace BookSaga.Load;

/// <summary>What must be true after a load: every answered success is a paid offer, a charge and a mail event, and nobody's money is wrong.</summary>
internal sealed class Checks(Databases databases)
{
    private static readonly TimeSpan QuietLimit = TimeSpan.FromMinutes(5);
    private Guid _mark;

    /// <summary>The condition on a booking's id that it was made since <see cref="MarkAsync"/>.</summary>
    internal string Since => string.Create(CultureInfo.InvariantCulture, $"> '{_mark}'");

    /// <summary>Counts begin here: booking ids rise with time.</summary>
    internal async Task MarkAsync() => _mark = (await databases.QueryAsync("customer", "SELECT id FROM booking ORDER BY id DESC LIMIT 1", row => row.GetGuid(0))).FirstOrDefault();

    /// <summary>Waits until every saga has ended and every event has arrived, then compares the services; gives the seconds that took.</summary>
    /// <exception cref="Failure">Something does not agree.</exception>
    internal async Task<double> RunAsync(Measurement load)
    {
        var waited = Stopwatch.StartNew();
        while (await WaitingAsync() > 0)
        {
            if (waited.Elapsed > QuietLimit)
            {
                throw new Failure("Sagas or events were still under way five minutes after the load.");
            }
            await Task.Delay(TimeSpan.FromMilliseconds(100));
        }
        double lag = waited.Elapsed.TotalSeconds;
        string since = Since;
        // Paid once, and cancelled afterwards: the event of the payment stays.
        long cancelled = await databases.CountAsync("customer", $"SELECT count(*) FROM cancellation WHERE booking_id {since} AND status = 'cancelled'");
        (string What, long Count)[] counts =
        [
            ("bookings paid", cancelled + await databases.CountAsync("customer", $"SELECT count(*) FROM booking WHERE id {since} AND status = 'paid'")),
            ("offers paid", cancelled + await databases.CountAsync("booking", $"SELECT count(*) FROM reservation r JOIN offer o ON o.booking_id = r.booking_id AND o.id = r.offer_id WHERE r.booking_id {since} AND r.state = 'paid' AND o.status = 'paid'")),
            ("charges", cancelled + await databases.CountAsync("payment", $"SELECT count(*) FROM transfer t WHERE id {since} AND type = 'payment' AND status = 'completed' AND NOT EXISTS (SELECT FROM transfer c WHERE c.id = t.id AND c.type IN ('refund', 'retained'))")),
            ("mail events", await databases.CountAsync("notification", $"SELECT count(*) FROM received WHERE booking_id {since} AND type = 'customer.booking-paid.v1'")),
        ];
        // A request without an answer may have been paid or not; nothing else may differ.
        int unknown = load.Statuses.GetValueOrDefault(0) + load.Statuses.GetValueOrDefault(202) + load.Statuses.GetValueOrDefault(502) + load.Statuses.GetValueOrDefault(504);
        if (counts.Select(c => c.Count).Distinct().Count() > 1 || counts[0].Count < load.Succeeded || counts[0].Count > load.Succeeded + unknown)
        {
            throw new Failure($"{load.Succeeded} answered successes, {unknown} unknown, but {string.Join(", ", counts.Select(c => $"{c.Count} {c.What}"))}.");
        }
        await BrokenAsync();
        return lag;
    }

    private async Task<long> WaitingAsync() =>
        await databases.CountAsync("customer", "SELECT (SELECT count(*) FROM booking WHERE live) + (SELECT count(*) FROM outbox)")
        + await databases.CountAsync("booking", "SELECT count(*) FROM outbox")
        + await databases.CountAsync("payment", "SELECT count(*) FROM outbox");

    private async Task BrokenAsync()
    {
        foreach ((string what, string database, string sql) in Audit.Counted.Where(c => c.What != Audit.Unsent))
        {
            if (await databases.CountAsync(database, sql) is not 0 and var count)
            {
                throw new Failure($"After the load: {count} {what}.");
            }
        }
    }
}
