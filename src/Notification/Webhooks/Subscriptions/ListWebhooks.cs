using BookSaga.Contracts.Webhooks;
using BookSaga.Hosting.Data;
using Npgsql;

namespace BookSaga.Notification.Webhooks.Subscriptions;

/// <summary>Webhooks.List: a company's webhooks, oldest first, without their secrets.</summary>
internal static class ListWebhooks
{
    private const string Sql = $"SELECT {WebhookRow.Columns} FROM webhook w WHERE w.company_id = $1 ORDER BY w.id";

    internal static async Task<WebhookAnswer> HandleAsync(CompanyKey request, NpgsqlDataSource db, CancellationToken ct) =>
        WebhookRow.Ok(await db.QueryAsync(Sql, WebhookRow.Read, ct, request.CompanyId));
}
