using BookSaga.Contracts;
using BookSaga.Contracts.Webhooks;
using BookSaga.Hosting.Data;
using Npgsql;
using NpgsqlTypes;

namespace BookSaga.Notification.Webhooks.Subscriptions;

/// <summary>Webhooks.Create: a new webhook with its first secret, which is shown this once. INVALID, TOO_MANY.</summary>
internal static class CreateWebhook
{
    // Enough for every system that a company has; each one is a request for each booking.
    private const int Most = 10;

    // Two at once may make an eleventh, which harms nobody.
    private const string Sql = $"""
        WITH w AS (
            INSERT INTO webhook (company_id, url, event_types, active, company, company_version, created_at, updated_at)
            SELECT $1, $2, $3, $4, $5, $6, $7, $7 WHERE (SELECT count(*) FROM webhook WHERE company_id = $1) < $9
            RETURNING *),
        s AS (INSERT INTO webhook_secret (webhook_id, secret) SELECT id, $8 FROM w)
        SELECT {WebhookRow.Columns} FROM w
        """;

    internal static async Task<WebhookAnswer> HandleAsync(WebhookFields request, NpgsqlDataSource db, WebhookOptions options, TimeProvider time)
    {
        if (FieldCheck.Check(request, options) is { } invalid)
        {
            return invalid;
        }
        string secret = WebhookSignature.NewSecret();
        Webhook? created = await db.QueryFirstAsync(
            Sql, WebhookRow.Read, CancellationToken.None, request.CompanyId, request.Url, request.EventTypes.Distinct().ToArray(), !request.HasActive || request.Active,
            new NpgsqlParameter { Value = request.CompanyJson, NpgsqlDbType = NpgsqlDbType.Jsonb }, Json.Read<CompanyChanged>(request.CompanyJson).Version,
            time.GetUtcNow(), secret, Most);
        return created is null ? new WebhookAnswer { Code = WebhookAnswer.Types.Code.TooMany } : WebhookRow.Ok(created with { Secret = secret });
    }
}
