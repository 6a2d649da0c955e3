using System.Text.Json;
using BookSaga.Contracts;
using BookSaga.Contracts.Events;
using BookSaga.Hosting;
using BookSaga.Hosting.Data;
using Npgsql;
using NpgsqlTypes;

namespace BookSaga.Notification.Intake;

/// <summary>
/// Stores events as they come, many in one commit under load; <see cref="Unfolder"/> makes of them what follows. No network but the database: a mail
/// server in trouble delays no event, and neither does a thousand mails to write.
/// </summary>
internal sealed class MailIntake
{
    private const string Sql = """
        INSERT INTO received (event_id, type, booking_id, occurred_at, received_at, payload, unfold_at)
        SELECT event_id, type, booking_id, occurred_at, $6, payload, $6 FROM unnest($1, $2, $3, $4, $5) AS e (event_id, type, booking_id, occurred_at, payload)
        ON CONFLICT DO NOTHING
        """;

    private readonly StepConnections _steps;
    private readonly Unfolder _unfolder;
    private readonly TimeProvider _time;
    private readonly Batcher<Arrival, bool> _store;

    public MailIntake(StepConnections steps, Unfolder unfolder, TimeProvider time)
    {
        (_steps, _unfolder, _time) = (steps, unfolder, time);
        _store = new(StoreAsync, isolate: static e => e is PostgresException);
    }

    /// <summary>Commits before it returns; a repeat changes nothing.</summary>
    /// <exception cref="JsonException">The payload is not a <see cref="BookingFinished"/>.</exception>
    /// <exception cref="FormatException">The event's id is not a UUID.</exception>
    internal Task StoreAsync(Event received)
    {
        var id = Guid.Parse(received.Id);
        BookingFinished booking = Json.Read<BookingFinished>(received.PayloadJson);
        if (booking is not { OfferId: > 0, Customer: not null } || booking.BookingId == Guid.Empty)
        {
            throw new JsonException("booking_id, offer_id or customer is missing");
        }
        return _store.RunAsync(new Arrival(id, received.Type, booking.BookingId, booking.OccurredAt, received.PayloadJson));
    }

    private async Task<IReadOnlyList<bool>> StoreAsync(IReadOnlyList<Arrival> items)
    {
        // The sender may have gone: what it sent is stored all the same, and recognised when it comes again.
        _ = await _steps.StepAsync(
            Sql, static _ => 0,
            items.Select(i => i.EventId).ToArray(),
            items.Select(i => i.Type).ToArray(),
            items.Select(i => i.BookingId).ToArray(),
            items.Select(i => i.OccurredAt).ToArray(),
            new NpgsqlParameter { Value = items.Select(i => i.Payload).ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Json },
            _time.GetUtcNow());
        _unfolder.Signal();
        return new bool[items.Count];
    }

    private sealed record Arrival(Guid EventId, string Type, Guid BookingId, DateTimeOffset OccurredAt, string Payload);
}
