using System.Diagnostics;
using System.Text.Json;
using BookSaga.Contracts;
using BookSaga.Contracts.Events;
using BookSaga.Hosting;
using BookSaga.Hosting.Data;
using BookSaga.Notification.Mails;
using BookSaga.Notification.Sending;
using BookSaga.Notification.Webhooks;
using Npgsql;

namespace BookSaga.Notification.Intake;

/// <summary>Stores events with their mails, each event in one commit, many events in one under load. No network but the database: a mail server in trouble delays no event.</summary>
/// <remarks>
/// An event whose offer was never held (no snapshot: not found, or taken) is recorded and makes no mail: the client had that
/// answer at once, and thirty clients racing for one offer must not flood its company.
/// </remarks>
internal sealed class MailIntake
{
    // Mails and webhook deliveries hang on their event's insert: a redelivery inserts nothing and so stores none.
    private const string Sql = $"""
        WITH arrived AS (
            INSERT INTO received (event_id, type, booking_id, occurred_at, received_at)
            SELECT *, $2 FROM unnest($3, $4, $5, $6)
            ON CONFLICT DO NOTHING RETURNING event_id, booking_id),
        {WebhookIntake.Sql}
        {Mail.InsertSql}
        """;

    private readonly NpgsqlDataSource _db;
    private readonly BookingMails _mails;
    private readonly MailQueue _queue;
    private readonly WebhookQueue _webhooks;
    private readonly TimeProvider _time;
    private readonly Batcher<Arrival, bool> _store;

    public MailIntake(NpgsqlDataSource db, BookingMails mails, MailQueue queue, WebhookQueue webhooks, TimeProvider time)
    {
        (_db, _mails, _queue, _webhooks, _time) = (db, mails, queue, webhooks, time);
        _store = new(StoreAsync, isolate: static e => e is PostgresException);
    }

    /// <summary>Commits before it returns; a repeat changes nothing.</summary>
    /// <exception cref="JsonException">The payload is not a <see cref="BookingFinished"/>.</exception>
    /// <exception cref="FormatException">The event's id is not a UUID.</exception>
    internal Task StoreAsync(Event received, Outcome outcome)
    {
        Guid id = Guid.Parse(received.Id);
        BookingFinished booking = Json.Read<BookingFinished>(received.PayloadJson);
        if (booking is not { OfferId: > 0, Customer: not null } || booking.BookingId == Guid.Empty)
        {
            throw new JsonException("booking_id, offer_id or customer is missing");
        }
        return _store.RunAsync(new Arrival(id, received.Type, booking, booking.Snapshot is null ? [] : Render(id, outcome, booking), WebhookEvent.Of(id, outcome, booking)));
    }

    private IReadOnlyList<Mail> Render(Guid id, Outcome outcome, BookingFinished booking)
    {
        using Activity? span = SagaTrace.Start(booking.BookingId, "render mails");
        IReadOnlyList<Mail> mails = _mails.Write(id, outcome, booking);
        span?.SetTag("booksaga.message_ids", mails.Select(mail => mail.MessageId).ToArray());
        return mails;
    }

    private async Task<IReadOnlyList<bool>> StoreAsync(IReadOnlyList<Arrival> items)
    {
        // The sender may have gone: what it sent is stored all the same, and recognised when it comes again.
        await _db.ExecuteAsync(
            Sql, CancellationToken.None,
            Json.Write(items.SelectMany(i => i.Mails)),
            _time.GetUtcNow(),
            items.Select(i => i.EventId).ToArray(),
            items.Select(i => i.Type).ToArray(),
            items.Select(i => i.Booking.BookingId).ToArray(),
            items.Select(i => i.Booking.OccurredAt).ToArray(),
            Json.Write(items.Select(i => i.Told).OfType<WebhookEvent>()));
        _queue.Signal();
        _webhooks.Signal();
        return new bool[items.Count];
    }

    private sealed record Arrival(Guid EventId, string Type, BookingFinished Booking, IReadOnlyList<Mail> Mails, WebhookEvent? Told);
}
