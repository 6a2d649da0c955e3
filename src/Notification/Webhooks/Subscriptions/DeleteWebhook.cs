using BookSaga.Contracts.Webhooks;
using BookSaga.Hosting.Data;
using Npgsql;

namespace BookSaga.Notification.Webhooks.Subscriptions;

/// <summary>Webhooks.Delete: the webhook with its secrets, deliveries and log. NOT_FOUND.</summary>
internal static class DeleteWebhook
{
    private const string Sql = "DELETE FROM webhook WHERE company_id = $1 AND id = $2";

    internal static async Task<WebhookAnswer> HandleAsync(WebhookKey request, NpgsqlDataSource db) =>
        await db.ExecuteAsync(Sql, CancellationToken.None, request.CompanyId, request.WebhookId) == 1
            ? new WebhookAnswer { Code = WebhookAnswer.Types.Code.Ok }
            : WebhookRow.NotFound;
}
