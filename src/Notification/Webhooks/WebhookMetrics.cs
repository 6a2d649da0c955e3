using System.Diagnostics.Metrics;
using BookSaga.Hosting.Data;

namespace BookSaga.Notification.Webhooks;

/// <summary>What became of deliveries, by type, and webhooks switched off. What waits is read from the database, by type too.</summary>
internal sealed class WebhookMetrics
{
    /// <summary>By type: what waits, the age of the oldest of it in seconds, and for how long the most belated should have been tried.</summary>
    internal const string WaitingSql = """
        SELECT t, count(d.event_id)::float8, coalesce(extract(epoch FROM now() - min(d.queued_at)), 0)::float8,
               greatest(coalesce(extract(epoch FROM now() - min(d.next_at)), 0), 0)::float8
        FROM unnest($1) AS t LEFT JOIN (
            SELECT d.event_id, d.queued_at, d.next_at, e.type FROM webhook_delivery d JOIN webhook_event e USING (event_id) JOIN webhook w ON w.id = d.webhook_id
            WHERE d.state = 'waiting' AND w.active) d ON d.type = t
        GROUP BY t
        """;

    /// <summary>The gauges of <see cref="WaitingSql"/>.</summary>
    internal static readonly DatabaseGauge[] Gauges =
    [
        new DatabaseGauge("booksaga.webhooks.waiting", "{delivery}", "Deliveries that wait for their first or next attempt."),
        new DatabaseGauge("booksaga.webhooks.oldest_waiting", "s", "Age of the oldest of them."),
        new DatabaseGauge("booksaga.webhooks.overdue", "s", "For how long the most belated of them should have been tried."),
    ];

    private readonly Counter<long> _delivered;
    private readonly Counter<long> _failed;
    private readonly Counter<long> _disabled;

    public WebhookMetrics(IMeterFactory meters)
    {
        Meter meter = meters.Create("BookSaga.Notification");
        _delivered = meter.CreateCounter<long>("booksaga.webhooks.delivered", "{delivery}", "Deliveries that an endpoint took.");
        _failed = meter.CreateCounter<long>("booksaga.webhooks.failed", "{delivery}", "Deliveries given up.");
        _disabled = meter.CreateCounter<long>("booksaga.webhooks.disabled", "{webhook}", "Webhooks switched off for their failures.");
    }

    /// <summary>Counts what an attempt came to.</summary>
    internal void Count(DueWebhook due, string state, bool disabled)
    {
        var type = new KeyValuePair<string, object?>("type", due.Type);
        if (state == "delivered")
        {
            _delivered.Add(1, type);
        }
        else if (state == "failed")
        {
            _failed.Add(1, type);
        }
        if (disabled)
        {
            _disabled.Add(1);
        }
    }
}
