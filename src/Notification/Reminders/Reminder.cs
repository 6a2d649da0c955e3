using BookSaga.Contracts;
using BookSaga.Notification.Mails;

namespace BookSaga.Notification.Reminders;

/// <summary>A reminder that is due and that this process holds the lease of.</summary>
/// <param name="EventId">Its own id, and that of its mail.</param>
/// <param name="Kind"><see cref="Outcome.DayBefore"/> or <see cref="Outcome.HourBefore"/>.</param>
/// <param name="ExpiresAt">From here on it says nothing new.</param>
/// <param name="Booking">As it was paid.</param>
internal sealed record Reminder(Guid EventId, Outcome Kind, DateTimeOffset ExpiresAt, BookingFinished Booking)
{
    private static readonly TimeSpan Day = TimeSpan.FromHours(24);
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    /// <summary>A part of a statement: stores what <see cref="Plan"/> gave, as JSON in <c>$4</c>, of the events in <c>arrived</c>.</summary>
    internal const string PlanSql = """
        planned AS (
            INSERT INTO reminder (booking_id, kind, recipient, due_at, expires_at, next_at, booking)
            SELECT booking_id, p.kind, 'client', p.due_at, p.expires_at, p.due_at, p.booking
            FROM jsonb_to_recordset($4::jsonb) AS p(event_id uuid, kind text, due_at timestamptz, expires_at timestamptz, booking jsonb)
            JOIN arrived USING (event_id)
            ON CONFLICT DO NOTHING)
        """;

    /// <summary>Parts of a statement: end the reminders of the bookings <c>$5</c> at the time <c>$2</c>, also those written but not sent.</summary>
    internal const string CallOffSql = """
        called_off AS (UPDATE reminder SET state = 'cancelled', finished_at = $2, booking = NULL WHERE booking_id = ANY($5) AND state = 'waiting'),
        withdrawn AS (UPDATE mail SET state = 'cancelled', finished_at = $2 WHERE booking_id = ANY($5) AND expires_at IS NOT NULL AND state = 'waiting')
        """;

    /// <summary>A row to be. Only clients are reminded; companies have their calendars.</summary>
    internal sealed record Planned(Guid EventId, string Kind, DateTimeOffset DueAt, DateTimeOffset ExpiresAt, BookingFinished Booking);

    /// <summary>The reminders of a paid booking whose time has not passed at <paramref name="now"/>. Hours are counted on the instant, so a change of clocks in between shifts nothing.</summary>
    internal static IReadOnlyList<Planned> Plan(Guid eventId, BookingFinished booking, DateTimeOffset now)
    {
        if (booking.Snapshot is not { Offer.Datetime: var begins })
        {
            return [];
        }
        Planned[] all =
        [
            new(eventId, Outcome.DayBefore.Name(), begins - Day, begins - Hour, booking),
            new(eventId, Outcome.HourBefore.Name(), begins - Hour, begins, booking),
        ];
        return [.. all.Where(r => r.DueAt > now)];
    }
}
