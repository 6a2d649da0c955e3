using BookSaga.Contracts.Webhooks;
using BookSaga.Hosting.Data;
using Npgsql;

namespace BookSaga.Notification.Webhooks.Subscriptions;

/// <summary>Webhooks.RotateSecret: a new secret, shown this once; those before it go on signing for <c>Webhooks:SecretOverlap</c>, so receivers can change over at leisure. NOT_FOUND, TOO_MANY.</summary>
internal static class RotateSecret
{
    // Each one is a signature in the header of every request.
    private const int Most = 5;

    private const string LockSql = $"SELECT {WebhookRow.Columns} FROM webhook w WHERE w.company_id = $1 AND w.id = $2 FOR NO KEY UPDATE";
    private const string CountSql = "SELECT count(*) FROM webhook_secret WHERE webhook_id = $1 AND (expires_at IS NULL OR expires_at > $2)";
    private const string ExpireSql = "UPDATE webhook_secret SET expires_at = $2 WHERE webhook_id = $1 AND expires_at IS NULL";
    private const string InsertSql = "INSERT INTO webhook_secret (webhook_id, secret) VALUES ($1, $2)";

    internal static async Task<WebhookAnswer> HandleAsync(WebhookKey request, NpgsqlDataSource db, WebhookOptions options, TimeProvider time)
    {
        DateTimeOffset now = time.GetUtcNow();
        await using NpgsqlConnection connection = await db.OpenConnectionAsync();
        await using NpgsqlTransaction transaction = await connection.BeginTransactionAsync();
        await using NpgsqlCommand take = connection.Sql(LockSql, request.CompanyId, request.WebhookId);
        if ((await take.ReadAllAsync(WebhookRow.Read, CancellationToken.None)).SingleOrDefault() is not { } webhook)
        {
            return WebhookRow.NotFound;
        }
        await using NpgsqlCommand count = connection.Sql(CountSql, webhook.Id, now);
        if (await count.ExecuteScalarAsync() is >= (long)Most)
        {
            return new WebhookAnswer { Code = WebhookAnswer.Types.Code.TooMany };
        }
        string secret = WebhookSignature.NewSecret();
        await using NpgsqlCommand expire = connection.Sql(ExpireSql, webhook.Id, now + options.SecretOverlap);
        await expire.ExecuteNonQueryAsync();
        await using NpgsqlCommand insert = connection.Sql(InsertSql, webhook.Id, secret);
        await insert.ExecuteNonQueryAsync();
        await transaction.CommitAsync();
        return WebhookRow.Ok(webhook with { Secret = secret });
    }
}
