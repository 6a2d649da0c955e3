using System.Diagnostics;
using BookSaga.Contracts;
using BookSaga.Hosting;
using BookSaga.Hosting.Data;
using BookSaga.Notification.Mails;
using BookSaga.Notification.Reminders;
using BookSaga.Notification.Sending;
using BookSaga.Notification.Webhooks;
using Npgsql;

namespace BookSaga.Notification.Intake;

/// <summary>
/// Makes of stored events what follows from them: the mails, the reminders to be and the webhooks' deliveries; once, in the commit that marks the event. Far ahead
/// of the mail server it goes on in small steps, 50 events a second, so that a burst of bookings waits as small rows and takes its time from nobody.
/// </summary>
/// <remarks>
/// An event whose offer was never held (no snapshot: not found, or taken) makes no mail: the client had that answer at once, and thirty clients racing
/// for one offer must not flood its company.
/// </remarks>
internal sealed partial class Unfolder(NpgsqlDataSource db, StepConnections steps, BookingMails mails, MailQueue queue, WebhookQueue webhooks, Migrator migrator, TimeProvider time, ILogger<Unfolder> logger) : BackgroundService
{
    private const int BatchSize = 50;
    private const int StepSize = 10;
    private static readonly TimeSpan Poll = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Step = Poll * StepSize / BatchSize;
    private static readonly TimeSpan AfterFault = TimeSpan.FromMinutes(1);

    // SKIP LOCKED: replicas share the work. Outcomes of one booking go on one at a time, in the order in which they happened: a later one answers the mails of the
    // first, which have to be there. Scalars, so that each is one look into the index whatever the planner thinks of the table. No payload: its client was forgotten.
    private const string TakeSql = """
        SELECT event_id, type, CASE WHEN (SELECT b.booking_id FROM erased_booking b WHERE b.booking_id = r.booking_id) IS NULL THEN payload::text END, coalesce((
            SELECT bool_or(l.payload IS NOT NULL AND l.event_id <> r.event_id) FROM received l WHERE l.booking_id = r.booking_id), false)
        FROM received r WHERE payload IS NOT NULL AND unfold_at <= $1 AND NOT coalesce((
            SELECT bool_or(e.payload IS NOT NULL AND e.unfold_at <= $1 AND (e.occurred_at, e.event_id) < (r.occurred_at, r.event_id))
            FROM received e WHERE e.booking_id = r.booking_id), false)
        ORDER BY unfold_at, event_id LIMIT $2 FOR UPDATE OF r SKIP LOCKED
        """;

    // All that follows hangs on the event's row.
    private const string UnfoldSql = $"""
        WITH arrived AS (UPDATE received SET payload = NULL WHERE event_id = ANY ($3) RETURNING event_id, booking_id),
        {Reminder.PlanSql}, {Reminder.CallOffSql},
        {WebhookIntake.Sql},
        written AS ({Mail.InsertSql})
        SELECT EXISTS (SELECT FROM queued)
        """;

    private const string PostponeSql = "UPDATE received SET unfold_at = $2 WHERE event_id = $1";

    private readonly SemaphoreSlim _signal = new(0, 1);

    // Whether the last round has put an event off.
    private bool _postponed;

    /// <summary>Tells that events were stored. Cheap; may be called too often.</summary>
    internal void Signal() => MailQueue.Release(_signal);

    public override void Dispose()
    {
        _signal.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await migrator.Completion.WaitAsync(stoppingToken);
        int limit = BatchSize;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                _postponed = false;
                bool ahead = await LetMailGoAsync(stoppingToken);
                bool more = await UnfoldAsync(ahead ? Math.Min(limit, StepSize) : limit);
                limit = BatchSize;
                if (!more)
                {
                    await _signal.WaitAsync(Poll, stoppingToken);
                }
            }
            catch (Exception e) when (PassingFailure.Is(e))
            {
                LogWaiting(e.Message);
                await Task.Delay(Poll, time, stoppingToken);
            }
            // An event that cannot be unfolded is found by taking them one by one, and waits alone. Where none was found the fault is nobody's, and stays a while.
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                LogFault(e);
                await Task.Delay(limit > 1 || _postponed ? TimeSpan.Zero : Poll, time, stoppingToken);
                limit = 1;
            }
        }
    }

    // Far ahead of the mail server it goes on slowly, since webhooks and reminders do not wait for mail. Gives whether it is.
    private async Task<bool> LetMailGoAsync(CancellationToken ct)
    {
        if (!await queue.IsAheadAsync())
        {
            return false;
        }
        await Task.Delay(Step, time, ct);
        return true;
    }

    // Gives whether there may be more.
    private Task<bool> UnfoldAsync(int limit) => steps.RunAsync(async connection =>
    {
        await using NpgsqlTransaction transaction = await connection.BeginTransactionAsync();
        await using NpgsqlCommand take = connection.Sql(TakeSql, time.GetUtcNow(), limit);
        List<(Guid Id, string Type, string? Payload, bool Followed)> events = await take.StepAsync(row => (row.GetGuid(0), row.GetString(1), row.Nullable<string>(2), row.GetBoolean(3)));
        if (events.Count == 0)
        {
            return false;
        }
        try
        {
            bool told = await StoreAsync(connection, [.. events.Select(e => e.Payload is null ? Unfolded.Nothing(e.Id) : Unfold(e.Id, e.Type, Json.Read<BookingFinished>(e.Payload)))]);
            await transaction.CommitAsync();
            if (told)
            {
                webhooks.Signal();
            }
        }
        catch (Exception e) when (limit == 1 && !PassingFailure.Is(e))
        {
            await transaction.RollbackAsync();
            await db.ExecuteAsync(PostponeSql, CancellationToken.None, events[0].Id, time.GetUtcNow() + AfterFault);
            _postponed = true;
            throw;
        }
        queue.Signal();
        return events.Count == limit || events.Exists(e => e.Followed);
    });

    private Unfolded Unfold(Guid id, string type, BookingFinished booking)
    {
        Outcome outcome = type switch
        {
            EventTypes.BookingPaid => Outcome.Paid,
            EventTypes.BookingFailed => Outcome.Failed,
            EventTypes.BookingCancelled => Outcome.Cancelled,
            _ => throw new UnreachableException(type),
        };
        return new Unfolded(
            id, booking.Snapshot is null ? [] : Render(id, outcome, booking), outcome == Outcome.Paid ? Reminder.Plan(id, booking, time.GetUtcNow()) : [],
            outcome == Outcome.Cancelled ? booking.BookingId : null, WebhookEvent.Of(id, outcome, booking));
    }

    private IReadOnlyList<Mail> Render(Guid id, Outcome outcome, BookingFinished booking)
    {
        using Activity? span = SagaTrace.Start(booking.BookingId, "render mails");
        IReadOnlyList<Mail> written = mails.Write(id, outcome, booking);
        span?.SetTag("booksaga.message_ids", written.Select(mail => mail.MessageId).ToArray());
        return written;
    }

    // Gives whether a webhook is to be told.
    private async Task<bool> StoreAsync(NpgsqlConnection connection, IReadOnlyList<Unfolded> events)
    {
        await using NpgsqlCommand command = connection.Sql(
            UnfoldSql,
            Json.Write(events.SelectMany(e => e.Mails)),
            time.GetUtcNow(),
            events.Select(e => e.EventId).ToArray(),
            Json.Write(events.SelectMany(e => e.Reminders)),
            events.Select(e => e.Cancelled).OfType<Guid>().ToArray(),
            Json.Write(events.Select(e => e.Told).OfType<WebhookEvent>()));
        return (await command.StepAsync(row => row.GetBoolean(0)))[0];
    }

    private sealed record Unfolded(Guid EventId, IReadOnlyList<Mail> Mails, IReadOnlyList<Reminder.Planned> Reminders, Guid? Cancelled, WebhookEvent? Told)
    {
        internal static Unfolded Nothing(Guid id) => new(id, [], [], null, null);
    }

    [LoggerMessage(1, LogLevel.Warning, "Stored events wait to be unfolded: {Reason}")]
    private partial void LogWaiting(string reason);

    [LoggerMessage(2, LogLevel.Error, "Stored events could not be unfolded")]
    private partial void LogFault(Exception exception);
}
