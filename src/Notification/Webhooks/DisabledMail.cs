using System.Globalization;
using BookSaga.Contracts;
using BookSaga.Hosting.Data;
using BookSaga.Notification.Mails;
using BookSaga.Notification.Sending;
using Microsoft.Extensions.Options;
using Npgsql;

namespace BookSaga.Notification.Webhooks;

/// <summary>Tells a company and its managers that their webhook was switched off; into the mail queue, in the commit that did it.</summary>
internal sealed class DisabledMail(IOptions<MailOptions> options, MailQueue mails, TimeProvider time)
{
    // A mail hangs on an event; this one is our own. Its booking is the one whose delivery was the last straw.
    private const string Sql = $"""
        WITH arrived AS (
            INSERT INTO received (event_id, type, booking_id, occurred_at, received_at) VALUES ($3, 'notification.webhook-disabled.v1', $4, $2, $2)
            RETURNING event_id, booking_id)
        {Mail.InsertSql}
        """;

    private sealed record Words(string Title, string Gone, string Failing, string Note, string Company, string Url, string Error, string Webhook);

    private static readonly Words English = new(
        "Webhook switched off", "The address below answered 410 Gone, so nothing is sent to it any more.",
        "Every delivery to the address below has failed for days, so nothing is sent to it any more.",
        "Bookings and mails go on as before. Switch the webhook on again when the address works, and replay what it has missed.",
        "Company", "Address", "Last error", "Webhook number");

    private static readonly Words Russian = new(
        "Вебхук отключён", "Указанный ниже адрес ответил 410 Gone, поэтому на него больше ничего не отправляется.",
        "Все отправки на указанный ниже адрес несколько дней подряд не удавались, поэтому на него больше ничего не отправляется.",
        "На записи и письма это не влияет. Включите вебхук, когда адрес заработает, и запросите повтор пропущенных событий.",
        "Компания", "Адрес", "Последняя ошибка", "Номер вебхука");

    /// <summary>Nothing for a test, whose sender reads the log, or when nobody can be reached.</summary>
    internal async Task StoreAsync(NpgsqlConnection connection, DueWebhook due, CompanyChanged company, string reason, string error, CancellationToken ct)
    {
        Recipients recipients = Recipients.Of(company);
        if (due.BookingId is not { } booking || recipients.To.Count == 0)
        {
            return;
        }
        Texts texts = Texts.In(options.Value.Language);
        Words words = texts.Code == "en" ? English : Russian;
        var content = new Content(
            texts.Code, "#c0392b", words.Title, [reason == "gone" ? words.Gone : words.Failing],
            [
                (words.Company, company.Name), (words.Url, due.Url), (words.Error, error),
                (words.Webhook, due.WebhookId.ToString(CultureInfo.InvariantCulture)),
            ],
            Link: null, words.Note, texts.Footer, Unsubscribe: null);
        var id = Guid.CreateVersion7(time.GetUtcNow());
        var told = new Mail(
            id, MailKinds.Company, "webhook_disabled", company.Id, $"{id:N}.company@{options.Value.Sender.Domain}", texts.Code, null, recipients.To, recipients.Cc,
            Layout.Line($"{words.Title}: {due.Url}"), Layout.Text(content), Layout.Html(content), Calendar: null);
        await using NpgsqlCommand insert = connection.Sql(Sql, Json.Write((Mail[])[told]), time.GetUtcNow(), id, booking);
        await insert.ExecuteNonQueryAsync(ct);
        mails.Signal();
    }
}
