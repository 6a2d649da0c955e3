using BookSaga.Contracts;
using BookSaga.Contracts.Webhooks;
using BookSaga.Hosting.Data;
using BookSaga.Hosting.Http;
using Npgsql;

namespace BookSaga.Notification.Webhooks.Subscriptions;

/// <summary>Webhooks.Deliveries: what was sent to a webhook, newest first, each with its last 20 attempts. NOT_FOUND.</summary>
internal static class DeliveryLog
{
    private const string ExistsSql = "SELECT true FROM webhook WHERE company_id = $1 AND id = $2";

    private const string Sql = """
        SELECT e.event_id, e.type, e.booking_id, e.occurred_at, d.state, d.next_at, d.finished_at, (
            SELECT coalesce(jsonb_agg(to_jsonb(a) ORDER BY a.attempt DESC), '[]') FROM (
                SELECT attempt, at, status, duration_ms, error, answer FROM webhook_attempt
                WHERE webhook_id = d.webhook_id AND event_id = d.event_id ORDER BY attempt DESC LIMIT 20) a)::text
        FROM webhook_delivery d JOIN webhook_event e USING (event_id)
        WHERE d.webhook_id = $1 ORDER BY d.queued_at DESC, d.event_id DESC LIMIT $2 OFFSET $3
        """;

    internal static async Task<WebhookAnswer> HandleAsync(ListDeliveries request, NpgsqlDataSource db, CancellationToken ct)
    {
        if (!await db.QueryFirstAsync(ExistsSql, row => row.GetBoolean(0), ct, request.CompanyId, request.WebhookId))
        {
            return WebhookRow.NotFound;
        }
        var page = new Page(request.Page, request.Limit);
        return WebhookRow.Ok(await db.QueryAsync(
            Sql,
            row => new WebhookDelivery(
                WebhookEvent.MessageId(row.GetGuid(0), request.WebhookId), row.GetString(1), row.Nullable<Guid?>(2), row.GetFieldValue<DateTimeOffset>(3), row.GetString(4),
                row.GetString(4) == "waiting" ? row.GetFieldValue<DateTimeOffset>(5) : null, row.Nullable<DateTimeOffset?>(6), Json.Read<List<WebhookAttempt>>(row.GetString(7))),
            ct, request.WebhookId, page.Limit, page.Offset));
    }
}
