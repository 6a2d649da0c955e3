using BookSaga.Contracts;
using BookSaga.Contracts.Webhooks;
using BookSaga.Hosting.Data;
using Npgsql;

namespace BookSaga.Notification.Webhooks.Subscriptions;

/// <summary>Webhooks.Test: queues a <c>webhook.test</c> for one webhook, which is delivered and logged as any event is. NOT_FOUND, INACTIVE.</summary>
internal static class TestWebhook
{
    private const string Sql = """
        WITH w AS (SELECT id, company_id, active FROM webhook WHERE company_id = $1 AND id = $2),
        e AS (
            INSERT INTO webhook_event (event_id, company_id, type, occurred_at, received_at, body)
            SELECT $3, company_id, $4, $5, $5, $6 FROM w WHERE active RETURNING event_id),
        d AS (INSERT INTO webhook_delivery (webhook_id, event_id, next_at, queued_at) SELECT w.id, e.event_id, $5, $5 FROM w, e)
        SELECT active FROM w
        """;

    internal static async Task<WebhookAnswer> HandleAsync(WebhookKey request, NpgsqlDataSource db, WebhookQueue queue, TimeProvider time)
    {
        DateTimeOffset now = time.GetUtcNow();
        var id = Guid.CreateVersion7(now);
        bool? active = await db.QueryFirstAsync(
            Sql, row => (bool?)row.GetBoolean(0), CancellationToken.None,
            request.CompanyId, request.WebhookId, id, WebhookEvent.Test, now, WebhookEvent.TestBody(request.WebhookId, now));
        queue.Signal();
        return active switch
        {
            null => WebhookRow.NotFound,
            false => new WebhookAnswer { Code = WebhookAnswer.Types.Code.Inactive },
            true => WebhookRow.Ok(new WebhookTest(WebhookEvent.MessageId(id, request.WebhookId))),
        };
    }
}
