using BookSaga.Launcher.RabbitMq;

namespace BookSaga.Launcher.Chaos;

/// <summary>All that must always be true, counted where it is not; read straight from the databases when everything is quiet.</summary>
internal sealed class Audit(Databases databases, Tally tally, Settle settle, RabbitMqNode? broker, string logs)
{
    private const string OpenPaymentsSql = """
        SELECT id FROM transfer p WHERE type = 'payment' AND status = 'completed'
        AND NOT EXISTS (SELECT FROM transfer c WHERE c.id = p.id AND c.type IN ('refund', 'retained'))
        """;

    /// <summary>The mails that still wait: no error while they are on their way.</summary>
    internal const string Unsent = "mails not sent";

    /// <summary>What must be 0 at rest, each within one database.</summary>
    internal static readonly (string What, string Database, string Sql)[] Counted =
    [
        ("offers with two live claims", "booking", "SELECT count(*) FROM (SELECT FROM reservation WHERE live GROUP BY offer_id HAVING count(*) > 1) x"),
        ("offers with two open payments", "payment", $"SELECT count(*) FROM (SELECT FROM transfer WHERE id IN ({OpenPaymentsSql}) AND type = 'payment' GROUP BY offer_id HAVING count(*) > 1) x"),
        ("cents lost or made (sum of all postings)", "payment", "SELECT abs(coalesce(sum(amount_minor), 0))::bigint FROM posting"),
        ("transfers that do not balance", "payment", "SELECT count(*) FROM (SELECT FROM posting GROUP BY transfer_seq HAVING sum(amount_minor) <> 0) x"),
        ("transfers without their two postings", "payment", """
            SELECT count(*) FROM transfer t LEFT JOIN (SELECT transfer_seq, count(*) FROM posting GROUP BY transfer_seq) p ON p.transfer_seq = t.seq
            WHERE (t.status = 'completed' AND t.type <> 'retained') <> (coalesce(p.count, 0) = 2)
            """),
        ("postings without transfer or account", "payment", """
            SELECT count(*) FROM posting p LEFT JOIN transfer t ON t.seq = p.transfer_seq LEFT JOIN account a ON a.id = p.account_id WHERE t.seq IS NULL OR a.id IS NULL
            """),
        ("balances that are not their postings", "payment", """
            SELECT count(*) FROM account a WHERE kind = 'customer'
            AND balance_minor <> (SELECT coalesce(sum(amount_minor), 0) FROM posting p WHERE p.account_id = a.id)
            """),
        ("balances below zero", "payment", "SELECT count(*) FROM account WHERE balance_minor < 0"),
        ("balances that are not top-ups - payments + refunds", "payment", """
            SELECT count(*) FROM account a WHERE kind = 'customer' AND balance_minor <> (
                SELECT coalesce(sum(CASE type WHEN 'payment' THEN -amount_minor WHEN 'forfeit' THEN -amount_minor WHEN 'retained' THEN 0 ELSE amount_minor END), 0)
                FROM transfer t WHERE t.customer_id = a.customer_id AND status = 'completed')
            """),
        ("offers still reserved", "booking", "SELECT count(*) FROM offer WHERE status = 'reserved'"),
        ("claims still held", "booking", "SELECT count(*) FROM reservation WHERE state = 'held'"),
        ("sagas still live", "customer", "SELECT (SELECT count(*) FROM booking WHERE live) + (SELECT count(*) FROM cancellation WHERE live)"),
        ("events still in the outbox of customer", "customer", "SELECT count(*) FROM outbox"),
        ("events still in the outbox of booking", "booking", "SELECT count(*) FROM outbox"),
        ("events still in the outbox of payment", "payment", "SELECT count(*) FROM outbox"),
        (Unsent, "notification", "SELECT (SELECT count(*) FROM mail WHERE state NOT IN ('sent', 'cancelled')) + (SELECT count(*) FROM received WHERE payload IS NOT NULL)"),
        ("dead letters of booking", "booking", "SELECT count(*) FROM dead_letter"),
        ("dead letters of payment", "payment", "SELECT count(*) FROM dead_letter"),
        ("dead letters of customer", "customer", "SELECT count(*) FROM dead_letter"),
        ("dead letters of notification", "notification", "SELECT count(*) FROM dead_letter"),
    ];

    /// <summary>What is wrong, by kind, in the databases and with what people were told; all zero when nothing is.</summary>
    internal async Task<List<(string What, long Count)>> RunAsync()
    {
        (List<(string, long)> found, Dictionary<Guid, string> bookings, HashSet<Guid> payments, Dictionary<long, string> offers) = await CompareAsync();
        found.Add(("told paid, and is not", tally.Bookings.Count(t => t.Value == "paid" && bookings.GetValueOrDefault(t.Key) is not ("paid" or "cancelled"))));
        found.Add(("told failed, and is not", tally.Bookings.Count(t => t.Value == "failed" && (bookings.GetValueOrDefault(t.Key) != "failed" || payments.Contains(t.Key)))));
        found.Add(("told cancelled, and is not", tally.Bookings.Count(t => t.Value == "cancelled" && (bookings.GetValueOrDefault(t.Key) != "cancelled" || payments.Contains(t.Key)))));
        found.Add(("told posted, and is not there", tally.Posted.Keys.Count(id => !offers.ContainsKey(id))));
        found.Add(("offers posted twice", Math.Max(0, offers.Count - tally.PostsMeant)));
        found.Add(("told withdrawn, and is not", tally.Withdrawn.Keys.Count(id => offers.GetValueOrDefault(id) != "canceled_by_company")));
        found.Add(("same key, another answer", settle.Different));
        found.AddRange(await TopUpsAsync());
        found.Add(("broken invariants in the logs", Directory.GetFiles(logs, "*.log").Sum(log => File.ReadLines(log).LongCount(line => line.Contains(" crit: ", StringComparison.Ordinal)))));
        return found;
    }

    /// <summary>The part of it that asks nobody but the databases: also for such as are older than what people were told.</summary>
    internal async Task<List<(string What, long Count)>> OfDatabasesAsync() => (await CompareAsync()).Found;

    private async Task<(List<(string What, long Count)> Found, Dictionary<Guid, string> Bookings, HashSet<Guid> Payments, Dictionary<long, string> Offers)> CompareAsync()
    {
        var found = new List<(string, long)>();
        foreach ((string what, string database, string sql) in Counted)
        {
            found.Add((what, await databases.CountAsync(database, sql)));
        }
        if (broker is not null)
        {
            found.Add(("events still in the broker", await broker.MessagesAsync(CancellationToken.None) ?? 1));
        }
        Dictionary<Guid, string> bookings = (await databases.QueryAsync("customer", "SELECT id, status FROM booking", r => (r.GetGuid(0), r.GetString(1)))).ToDictionary();
        HashSet<Guid> payments = [.. await databases.QueryAsync("payment", OpenPaymentsSql, r => r.GetGuid(0))];
        Guid[] sold = [.. await databases.QueryAsync("booking", "SELECT booking_id FROM offer WHERE status = 'paid'", r => r.GetGuid(0))];
        Dictionary<long, string> offers = (await databases.QueryAsync("booking", "SELECT id, status FROM offer", r => (r.GetInt64(0), r.GetString(1)))).ToDictionary();
        HashSet<Guid> paid = [.. bookings.Where(b => b.Value == "paid").Select(b => b.Key)];

        found.Add(("offers paid without one open payment, or the reverse", Differ(payments, sold)));
        found.Add(("offers paid without a paid booking, or the reverse", Differ(paid, sold)));
        found.AddRange(await EventsAsync(bookings));
        return (found, bookings, payments, offers);
    }

    private async Task<(string, long)[]> TopUpsAsync()
    {
        long added = await databases.CountAsync("payment", "SELECT coalesce(sum(amount_minor), 0)::bigint FROM transfer WHERE type = 'top-up'");
        return [("cents topped up by word only", Math.Max(0, tally.ToppedUp - added)), ("cents topped up twice", Math.Max(0, added - tally.TopUpsMeant))];
    }

    // One event for each outcome, none without one.
    private async Task<(string, long)[]> EventsAsync(Dictionary<Guid, string> bookings)
    {
        List<Guid> cancelled = await databases.QueryAsync("customer", "SELECT booking_id FROM cancellation WHERE status = 'cancelled'", r => r.GetGuid(0));
        Dictionary<(Guid, string), long> expected = bookings.Select(b => (b.Key, b.Value == "failed" ? "customer.booking-failed.v1" : "customer.booking-paid.v1"))
            .Concat(cancelled.Select(id => (id, "customer.booking-cancelled.v1"))).ToDictionary(e => e, _ => 1L);
        Dictionary<(Guid, string), long> received = (await databases.QueryAsync(
            "notification", "SELECT booking_id, type, count(*) FROM received GROUP BY 1, 2", r => ((r.GetGuid(0), r.GetString(1)), r.GetInt64(2)))).ToDictionary();
        return
        [
            ("mail events lost", expected.Keys.Count(e => !received.ContainsKey(e))),
            ("mail events doubled or made up", received.Sum(r => Math.Max(0, r.Value - expected.GetValueOrDefault(r.Key)))),
        ];
    }

    private static int Differ(HashSet<Guid> one, Guid[] other)
    {
        HashSet<Guid> difference = [.. one];
        difference.SymmetricExceptWith(other);
        return difference.Count + other.Length - other.Distinct().Count();
    }
}
