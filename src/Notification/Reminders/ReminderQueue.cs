using BookSaga.Contracts;
using BookSaga.Hosting.Data;
using BookSaga.Notification.Mails;
using BookSaga.Notification.Sending;
using Npgsql;

namespace BookSaga.Notification.Reminders;

/// <summary>
/// The table <c>reminder</c> as a queue. A claim is a lease in the row, as with mails. A reminder ends in the commit that stores its mail, so it becomes one mail
/// whatever dies in between; from there on it is a mail like any other.
/// </summary>
internal sealed class ReminderQueue(NpgsqlDataSource db, MailQueue mails, TimeProvider time)
{
    private const int BatchSize = 100;

    // Long enough to ask and to write; what a dead process held, or could not ask about, is due again after it.
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(10);

    private const string ClaimSql = """
        WITH due AS MATERIALIZED (SELECT event_id FROM reminder WHERE state = 'waiting' AND next_at <= $1 ORDER BY next_at LIMIT $2 FOR UPDATE SKIP LOCKED)
        UPDATE reminder r SET attempts = attempts + 1, next_at = $3 FROM due WHERE r.event_id = due.event_id
        RETURNING r.event_id, r.kind, r.expires_at, r.booking::text
        """;

    // Whoever comes second finds it ended and stores nothing.
    private const string EndSql = $"""
        WITH arrived AS (
            UPDATE reminder r SET state = e.state, finished_at = $2, booking = NULL FROM unnest($3, $4) AS e(event_id, state)
            WHERE r.event_id = e.event_id AND r.state = 'waiting' RETURNING r.event_id, r.booking_id)
        {Mail.InsertSql}
        """;

    /// <summary>Takes due reminders for one lease.</summary>
    internal Task<List<Reminder>> ClaimAsync(CancellationToken ct)
    {
        DateTimeOffset now = time.GetUtcNow();
        return db.QueryAsync(
            ClaimSql,
            row => new Reminder(
                row.GetGuid(0), row.GetString(1) == Outcome.DayBefore.Name() ? Outcome.DayBefore : Outcome.HourBefore,
                row.GetFieldValue<DateTimeOffset>(2), Json.Read<BookingFinished>(row.GetString(3))),
            ct, now, BatchSize, now + Lease);
    }

    /// <summary>Ends reminders, each with its mail or without one, in one commit.</summary>
    internal async Task EndAsync(IReadOnlyList<(Reminder Reminder, string State, Mail? Mail)> ended, CancellationToken ct)
    {
        if (ended.Count == 0)
        {
            return;
        }
        await db.ExecuteAsync(
            EndSql, ct, Json.Write(ended.Select(e => e.Mail).OfType<Mail>()), time.GetUtcNow(),
            ended.Select(e => e.Reminder.EventId).ToArray(), ended.Select(e => e.State).ToArray());
        mails.Signal();
    }
}
