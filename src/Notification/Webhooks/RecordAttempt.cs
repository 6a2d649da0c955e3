using BookSaga.Contracts;
using BookSaga.Hosting.Data;
using Microsoft.Extensions.Options;
using Npgsql;

namespace BookSaga.Notification.Webhooks;

/// <summary>Records what came of an attempt: the delivery, the log, the webhook's health, and, where it has failed for too long, its end with the mail about it. One commit.</summary>
internal sealed class RecordAttempt(NpgsqlDataSource db, DisabledMail mail, TimeProvider time, IOptions<WebhookOptions> options)
{
    // Only the first success and the first failure change it, so that a busy webhook's row is not written for each delivery.
    private const string HealthSql = """
        UPDATE webhook SET failing_since = CASE WHEN $3 THEN NULL ELSE $4::timestamptz END
        WHERE id = $1 AND url = $2 AND $3 = (failing_since IS NOT NULL)
        """;

    // Not when its company has given it another address meanwhile.
    private const string DisableSql = """
        UPDATE webhook SET active = false, disabled_reason = $3, updated_at = $4
        WHERE id = $1 AND url = $2 AND active AND ($3 = 'gone' OR failing_since <= $5)
        RETURNING company::text
        """;

    private const string CancelSql = """
        UPDATE webhook_delivery SET state = 'cancelled', finished_at = $3, held = false WHERE webhook_id = $1 AND event_id <> $2 AND state = 'waiting'
        """;

    // A success counts whoever reports it; a failure only from the last claimant.
    private const string RecordSql = """
        WITH log AS (
            INSERT INTO webhook_attempt (webhook_id, event_id, attempt, at, duration_ms, status, error, answer)
            SELECT webhook_id, event_id, $3, $7, $8, $9, $10, $11 FROM webhook_delivery WHERE webhook_id = $1 AND event_id = $2
            ON CONFLICT DO NOTHING)
        UPDATE webhook_delivery SET state = $4, next_at = $5, held = false, last_error = $10, finished_at = CASE WHEN $4 = 'waiting' THEN NULL ELSE $6 END
        WHERE webhook_id = $1 AND event_id = $2 AND state = 'waiting' AND (attempts = $3 OR $4 = 'delivered')
        """;

    /// <summary>Records <paramref name="attempt"/> and gives the delivery's state, and whether the webhook was switched off by it.</summary>
    internal async Task<(string State, bool Disabled)> HandleAsync(DueWebhook due, Attempt attempt, CancellationToken ct)
    {
        DateTimeOffset now = time.GetUtcNow();
        await using NpgsqlConnection connection = await db.OpenConnectionAsync(ct);
        await using NpgsqlTransaction transaction = await connection.BeginTransactionAsync(ct);
        await using NpgsqlCommand health = connection.Sql(HealthSql, due.WebhookId, due.Url, attempt.Delivered, now);
        await health.ExecuteNonQueryAsync(ct);
        bool disabled = !attempt.Delivered && await DisableAsync(connection, due, attempt, now, ct);
        // Gone where another address is set meanwhile says nothing of that one: the delivery goes there.
        string state = attempt.Delivered ? "delivered"
            : (attempt.Gone && disabled) || due.Try >= RetrySchedule.MaxAttempts ? "failed"
            : disabled ? "cancelled" : "waiting";
        await using NpgsqlCommand record = connection.Sql(
            RecordSql, due.WebhookId, due.EventId, due.Attempts, state, now + RetrySchedule.PauseAfter(due.Try, attempt.RetryAfter), now,
            attempt.At, (int)attempt.Duration.TotalMilliseconds, attempt.Status, attempt.Error, attempt.Answer);
        await record.ExecuteNonQueryAsync(ct);
        await transaction.CommitAsync(ct);
        return (state, disabled);
    }

    private async Task<bool> DisableAsync(NpgsqlConnection connection, DueWebhook due, Attempt attempt, DateTimeOffset now, CancellationToken ct)
    {
        string reason = attempt.Gone ? "gone" : "failing";
        await using NpgsqlCommand disable = connection.Sql(DisableSql, due.WebhookId, due.Url, reason, now, now - options.Value.DisableAfter);
        if ((await disable.ReadAllAsync(row => row.GetString(0), ct)).SingleOrDefault() is not { } company)
        {
            return false;
        }
        await using NpgsqlCommand cancel = connection.Sql(CancelSql, due.WebhookId, due.EventId, now);
        await cancel.ExecuteNonQueryAsync(ct);
        await mail.StoreAsync(connection, due, Json.Read<CompanyChanged>(company), reason, attempt.Error ?? "", ct);
        return true;
    }
}
