using BookSaga.Contracts;
using BookSaga.Contracts.Webhooks;
using BookSaga.Hosting.Data;
using Npgsql;
using NpgsqlTypes;

namespace BookSaga.Notification.Webhooks.Subscriptions;

/// <summary>Webhooks.Update: another address, other types, on or off. What waits for a webhook that is switched off is cancelled; a replay brings it back. INVALID, NOT_FOUND.</summary>
internal static class UpdateWebhook
{
    // Its failures are forgotten with the address, or when it is switched on again: it begins anew.
    private const string Sql = $"""
        UPDATE webhook w SET url = $3, event_types = $4, active = coalesce($5, w.active),
            disabled_reason = CASE WHEN $5 IS NULL THEN w.disabled_reason END,
            failing_since = CASE WHEN w.url = $3 AND w.active THEN w.failing_since END,
            company = $6, company_version = $7, updated_at = $8
        WHERE w.company_id = $1 AND w.id = $2
        RETURNING {WebhookRow.Columns}
        """;

    private const string CancelSql = """
        UPDATE webhook_delivery SET state = 'cancelled', finished_at = $2, held = false WHERE webhook_id = $1 AND state = 'waiting'
        """;

    internal static async Task<WebhookAnswer> HandleAsync(WebhookFields request, NpgsqlDataSource db, WebhookQueue queue, WebhookOptions options, TimeProvider time)
    {
        if (FieldCheck.Check(request, options) is { } invalid)
        {
            return invalid;
        }
        DateTimeOffset now = time.GetUtcNow();
        await using NpgsqlConnection connection = await db.OpenConnectionAsync();
        await using NpgsqlTransaction transaction = await connection.BeginTransactionAsync();
        await using NpgsqlCommand update = connection.Sql(
            Sql, request.CompanyId, request.WebhookId, request.Url, request.EventTypes.Distinct().ToArray(),
            new NpgsqlParameter { Value = request.HasActive ? request.Active : DBNull.Value, NpgsqlDbType = NpgsqlDbType.Boolean },
            new NpgsqlParameter { Value = request.CompanyJson, NpgsqlDbType = NpgsqlDbType.Jsonb }, Json.Read<CompanyChanged>(request.CompanyJson).Version, now);
        if ((await update.ReadAllAsync(WebhookRow.Read, CancellationToken.None)).SingleOrDefault() is not { } updated)
        {
            return WebhookRow.NotFound;
        }
        if (!updated.Active)
        {
            await using NpgsqlCommand cancel = connection.Sql(CancelSql, request.WebhookId, now);
            await cancel.ExecuteNonQueryAsync();
        }
        await transaction.CommitAsync();
        queue.Signal();
        return WebhookRow.Ok(updated);
    }
}
