using BookSaga.Contracts;
using BookSaga.Contracts.Webhooks;
using BookSaga.Hosting.Data;
using Npgsql;

namespace BookSaga.Notification.Webhooks.Subscriptions;

/// <summary>
/// Webhooks.Replay: what has happened since a time is queued once more, also what came while the webhook was switched off, under the same ids. What waits
/// already is left alone. NOT_FOUND, INACTIVE.
/// </summary>
internal static class ReplayEvents
{
    private const string LockSql = "SELECT active FROM webhook WHERE company_id = $1 AND id = $2 FOR NO KEY UPDATE";

    private const string Sql = """
        INSERT INTO webhook_delivery AS d (webhook_id, event_id, next_at, queued_at)
        SELECT w.id, e.event_id, $4, $4 FROM webhook w JOIN webhook_event e ON e.company_id = w.company_id AND e.type = ANY(w.event_types)
        WHERE w.company_id = $1 AND w.id = $2 AND e.occurred_at >= $3
        ON CONFLICT (webhook_id, event_id) DO UPDATE SET state = 'waiting', earlier = d.attempts, next_at = $4, queued_at = $4, finished_at = NULL, last_error = NULL
            WHERE d.state <> 'waiting' AND NOT (d.state = 'delivered' AND $5)
        """;

    internal static async Task<WebhookAnswer> HandleAsync(ReplayWebhook request, NpgsqlDataSource db, WebhookQueue queue, TimeProvider time)
    {
        await using NpgsqlConnection connection = await db.OpenConnectionAsync();
        await using NpgsqlTransaction transaction = await connection.BeginTransactionAsync();
        await using NpgsqlCommand take = connection.Sql(LockSql, request.CompanyId, request.WebhookId);
        if (await take.ExecuteScalarAsync() is not bool active)
        {
            return WebhookRow.NotFound;
        }
        if (!active)
        {
            return new WebhookAnswer { Code = WebhookAnswer.Types.Code.Inactive };
        }
        await using NpgsqlCommand replay = connection.Sql(Sql, request.CompanyId, request.WebhookId, request.From.ToDateTimeOffset(), time.GetUtcNow(), request.OnlyUndelivered);
        int queued = await replay.ExecuteNonQueryAsync();
        await transaction.CommitAsync();
        queue.Signal();
        return WebhookRow.Ok(new WebhookReplay(queued));
    }
}
