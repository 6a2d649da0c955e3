using System.Data.Common;
using BookSaga.Contracts;
using BookSaga.Contracts.Webhooks;
using BookSaga.Hosting.Data;

namespace BookSaga.Notification.Webhooks.Subscriptions;

/// <summary>A webhook's row as its company sees it, and the answers that carry it.</summary>
internal static class WebhookRow
{
    /// <summary>The columns that <see cref="Read"/> takes, of a table or alias <c>w</c>.</summary>
    internal const string Columns = "w.id, w.url, w.event_types, w.active, w.disabled_reason, w.failing_since, w.created_at, w.updated_at";

    internal static Webhook Read(DbDataReader row) => new(
        row.GetInt64(0), row.GetString(1), row.GetFieldValue<string[]>(2), row.GetBoolean(3), row.Nullable<string>(4), row.Nullable<DateTimeOffset?>(5),
        row.GetFieldValue<DateTimeOffset>(6), row.GetFieldValue<DateTimeOffset>(7));

    internal static WebhookAnswer NotFound => new() { Code = WebhookAnswer.Types.Code.NotFound };

    internal static WebhookAnswer Ok<T>(T answer) => new() { Code = WebhookAnswer.Types.Code.Ok, Json = Json.Write(answer) };

    /// <summary>The webhook, or that it is not this company's.</summary>
    internal static WebhookAnswer OkOrNotFound(Webhook? webhook) => webhook is null ? NotFound : Ok(webhook);
}
