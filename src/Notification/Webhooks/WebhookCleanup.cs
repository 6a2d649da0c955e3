using BookSaga.Hosting.Data;
using Microsoft.Extensions.Options;
using Npgsql;

namespace BookSaga.Notification.Webhooks;

/// <summary>Forgets events with their deliveries and attempts after <c>Webhooks:KeepFor</c>, and secrets that sign no more. Every hour, in each replica.</summary>
internal sealed class WebhookCleanup(NpgsqlDataSource db, TimeProvider time, IOptions<WebhookOptions> options)
{
    private const int BatchSize = 1000;
    private static readonly TimeSpan Interval = TimeSpan.FromHours(1);
    private DateTimeOffset _next;

    private const string EventsSql = """
        DELETE FROM webhook_event WHERE event_id IN (
            SELECT event_id FROM webhook_event e WHERE received_at < $1
            AND NOT EXISTS (SELECT FROM webhook_delivery d WHERE d.event_id = e.event_id AND d.state = 'waiting')
            ORDER BY received_at LIMIT $2 FOR UPDATE SKIP LOCKED)
        """;

    private const string SecretsSql = "DELETE FROM webhook_secret WHERE expires_at <= $1";

    internal async Task RunAsync(CancellationToken ct)
    {
        DateTimeOffset now = time.GetUtcNow();
        if (now < _next)
        {
            return;
        }
        while (await db.ExecuteAsync(EventsSql, ct, now - options.Value.KeepFor, BatchSize) == BatchSize)
        {
        }
        await db.ExecuteAsync(SecretsSql, ct, now);
        _next = now + Interval;
    }
}
