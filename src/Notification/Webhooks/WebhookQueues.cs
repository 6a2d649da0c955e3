using BookSaga.Contracts.Queues;
using BookSaga.Hosting.Data;
using Google.Protobuf.WellKnownTypes;
using Npgsql;

namespace BookSaga.Notification.Webhooks;

/// <summary>Webhook deliveries as operators see them; a dead letter is a delivery that was given up. Its id is its <c>webhook-id</c>.</summary>
internal sealed class WebhookQueues(NpgsqlDataSource db, WebhookQueue queue, TimeProvider time)
{
    private const string DescribeSql = """
        SELECT count(*) FILTER (WHERE d.state = 'waiting'), count(*) FILTER (WHERE d.state = 'waiting' AND d.last_error IS NOT NULL), count(*) FILTER (WHERE d.state = 'failed'),
               min(d.queued_at) FILTER (WHERE d.state = 'waiting'), (array_agg(d.last_error ORDER BY d.finished_at DESC NULLS FIRST) FILTER (WHERE d.last_error IS NOT NULL))[1]
        FROM webhook_delivery d JOIN webhook w ON w.id = d.webhook_id AND w.active
        WHERE d.state IN ('waiting', 'failed')
        """;

    private const string DeadSql = """
        SELECT d.event_id, d.webhook_id, e.type, e.booking_id, d.queued_at, d.attempts, coalesce(d.last_error, '')
        FROM webhook_delivery d JOIN webhook_event e USING (event_id) JOIN webhook w ON w.id = d.webhook_id AND w.active
        WHERE d.state = 'failed' ORDER BY d.queued_at LIMIT $1
        """;

    private const string ReplaySql = """
        UPDATE webhook_delivery d SET state = 'waiting', earlier = d.attempts, next_at = $2, queued_at = $2, finished_at = NULL FROM webhook w
        WHERE w.id = d.webhook_id AND w.active AND d.state = 'failed' AND 'msg_' || replace(d.event_id::text, '-', '') || '_' || d.webhook_id = ANY($1)
        """;

    internal async Task<Queue> DescribeAsync(CancellationToken ct) => (await db.QueryFirstAsync(
        DescribeSql,
        row => new Queue
        {
            Name = "webhook", Waiting = row.GetInt64(0), Refused = row.GetInt64(1), Dead = row.GetInt64(2),
            Oldest = row.Nullable<DateTimeOffset?>(3) is { } oldest ? Timestamp.FromDateTimeOffset(oldest) : null, LastError = row.Nullable<string>(4) ?? "",
        },
        ct))!;

    internal Task<List<DeadLetter>> DeadLettersAsync(int limit, CancellationToken ct) => db.QueryAsync(
        DeadSql,
        row => new DeadLetter
        {
            Id = WebhookEvent.MessageId(row.GetGuid(0), row.GetInt64(1)), Queue = "webhook", Type = row.GetString(2), BookingId = row.Nullable<Guid?>(3)?.ToString() ?? "",
            CreatedAt = Timestamp.FromDateTimeOffset(row.GetFieldValue<DateTimeOffset>(4)), Attempts = row.GetInt32(5), LastError = row.GetString(6),
        },
        ct, limit);

    internal async Task<int> ReplayAsync(IEnumerable<string> ids)
    {
        int count = await db.ExecuteAsync(ReplaySql, CancellationToken.None, ids.ToArray(), time.GetUtcNow());
        queue.Signal();
        return count;
    }
}
