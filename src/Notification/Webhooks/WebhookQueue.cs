using BookSaga.Hosting.Data;
using Microsoft.Extensions.Options;
using Npgsql;

namespace BookSaga.Notification.Webhooks;

/// <summary>A delivery that this process holds the lease of.</summary>
internal sealed record DueWebhook(long WebhookId, Guid EventId, Guid? BookingId, string Type, string Url, string Body, string[] Secrets, int Attempts, int Earlier)
{
    /// <summary>The header <c>webhook-id</c>.</summary>
    internal string Id => WebhookEvent.MessageId(EventId, WebhookId);

    /// <summary>The attempt's number in the retry schedule, from 1.</summary>
    internal int Try => Attempts - Earlier;
}

/// <summary>
/// The table <c>webhook_delivery</c> as a queue of many queues. A claim is a lease in the row (<c>held</c>, <c>next_at</c>), so no connection is held while a
/// request travels, replicas share the work, and what a dead process held is due again when the lease has passed.
/// </summary>
internal sealed class WebhookQueue(NpgsqlDataSource db, TimeProvider time, IOptions<WebhookOptions> options)
{
    private static readonly TimeSpan LeaseMargin = TimeSpan.FromSeconds(10);
    private readonly SemaphoreSlim _signal = new(0, 1);

    /// <summary>How long a claim holds; a request takes no longer than its time-out, so it needs no renewal.</summary>
    internal TimeSpan Lease => options.Value.Timeout + LeaseMargin;

    // From webhook to webhook through the index of what waits, so that neither many idle webhooks nor one with a long queue make it slow. Who has the
    // webhook's lock counts what is under way to it; who does not get it looks again later.
    private const string LockSql = """
        WITH RECURSIVE busy(id) AS (
            (SELECT webhook_id FROM webhook_delivery WHERE state = 'waiting' ORDER BY webhook_id LIMIT 1)
            UNION ALL
            SELECT (SELECT d.webhook_id FROM webhook_delivery d WHERE d.state = 'waiting' AND d.webhook_id > busy.id ORDER BY d.webhook_id LIMIT 1)
            FROM busy WHERE busy.id IS NOT NULL)
        SELECT w.id FROM webhook w JOIN busy USING (id)
        WHERE w.active AND EXISTS (SELECT FROM webhook_delivery d WHERE d.webhook_id = w.id AND d.state = 'waiting' AND d.next_at <= $1)
        FOR NO KEY UPDATE OF w SKIP LOCKED
        """;

    // A webhook with nothing under way comes first, so slow ones never hold up the others' first delivery; one that fails gets one at a time.
    private const string ClaimSql = """
        WITH room AS MATERIALIZED (
            SELECT w.id, CASE WHEN w.failing_since IS NULL THEN $4 ELSE 1 END AS most, (
                SELECT count(*) FROM webhook_delivery h
                WHERE h.webhook_id = w.id AND h.state = 'waiting' AND h.next_at > $1 AND h.next_at <= $5 AND h.held) AS held
            FROM webhook w WHERE w.id = ANY($2)),
        due AS MATERIALIZED (
            SELECT next.webhook_id, next.event_id FROM room CROSS JOIN LATERAL (
                SELECT first.*, row_number() OVER (ORDER BY first.next_at) AS nth FROM (
                    SELECT d.webhook_id, d.event_id, d.next_at FROM webhook_delivery d
                    WHERE d.webhook_id = room.id AND d.state = 'waiting' AND d.next_at <= $1
                    ORDER BY d.next_at LIMIT greatest(room.most - room.held, 0)) first) next
            ORDER BY room.held + next.nth, next.next_at LIMIT $3)
        UPDATE webhook_delivery d SET attempts = d.attempts + 1, held = true, next_at = $5
        FROM due JOIN webhook_event e USING (event_id) JOIN webhook w ON w.id = due.webhook_id
        WHERE d.webhook_id = due.webhook_id AND d.event_id = due.event_id AND d.state = 'waiting' AND d.next_at <= $1
        RETURNING d.webhook_id, d.event_id, e.booking_id, e.type, w.url, e.body, ARRAY(
            SELECT s.secret FROM webhook_secret s WHERE s.webhook_id = w.id AND (s.expires_at IS NULL OR s.expires_at > $1) ORDER BY s.expires_at DESC), d.attempts, d.earlier
        """;

    /// <summary>Tells the pump that there may be something to do. Cheap; may be called too often.</summary>
    internal void Signal()
    {
        try
        {
            _signal.Release();
        }
        catch (SemaphoreFullException)
        {
            // It is awake already.
        }
    }

    /// <summary>Waits for <see cref="Signal"/>, at most <paramref name="limit"/>.</summary>
    internal Task WaitAsync(TimeSpan limit, CancellationToken ct) => _signal.WaitAsync(limit, ct);

    /// <summary>Takes at most <paramref name="most"/> due deliveries for one <see cref="Lease"/>, of each webhook no more than it may have under way.</summary>
    internal async Task<List<DueWebhook>> ClaimAsync(int most, CancellationToken ct)
    {
        DateTimeOffset now = time.GetUtcNow();
        await using NpgsqlConnection connection = await db.OpenConnectionAsync(ct);
        await using NpgsqlTransaction transaction = await connection.BeginTransactionAsync(ct);
        await using NpgsqlCommand take = connection.Sql(LockSql, now);
        List<long> webhooks = await take.ReadAllAsync(row => row.GetInt64(0), ct);
        if (webhooks.Count == 0)
        {
            return [];
        }
        await using NpgsqlCommand claim = connection.Sql(ClaimSql, now, webhooks.ToArray(), most, options.Value.ConcurrencyPerWebhook, now + Lease);
        List<DueWebhook> due = await claim.ReadAllAsync(
            row => new DueWebhook(
                row.GetInt64(0), row.GetGuid(1), row.Nullable<Guid?>(2), row.GetString(3), row.GetString(4), row.GetString(5), row.GetFieldValue<string[]>(6), row.GetInt32(7), row.GetInt32(8)),
            ct);
        await transaction.CommitAsync(ct);
        return due;
    }
}
