using System.Diagnostics;
using BookSaga.Contracts.Events;
using BookSaga.Hosting.Data;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace BookSaga.Hosting.Events;

/// <summary>
/// Delivers the outbox to one destination, at least once: rows stay locked while they travel and are deleted when acknowledged.
/// A refused event waits with rising pauses and stops no other; an unreachable destination pauses the whole relay.
/// </summary>
internal sealed partial class OutboxRelay(
    OutboxDestination to, EventTransport transport, Outbox outbox, NpgsqlDataSource db, StepConnections connections, Migrator migrator, TimeProvider time, ILogger<OutboxRelay> logger) : BackgroundService
{
    private const int BatchSize = 200;
    private static readonly TimeSpan Poll = TimeSpan.FromSeconds(1); // for what no signal tells: rows of another replica, or of a process that died
    private static readonly TimeSpan MaxPause = TimeSpan.FromSeconds(1); // a saga may wait for it

    // What was deleted stays in the index until nobody can see it any more, which a backup or PostgreSQL's own analysis puts off; a look from the beginning walks
    // over all of it. So a look begins where the last one found something, a little before for what is committed late; one a second goes from the beginning,
    // fewer when they take more than this share of the time.
    private const int WholeShare = 20;
    private static readonly TimeSpan Late = TimeSpan.FromSeconds(1);

    // Without a transaction, and most answers are null.
    private const string LookSql = "SELECT min(next_at) FROM outbox WHERE destination = $1 AND next_at >= $2 AND next_at <= now()";

    private const string TakeSql = "SELECT place, id, event_id, type, payload, created_at, next_at FROM take_outbox($1, $2, $3)";

    private const string DeleteSql = "SELECT delete_outbox($1)";

    private const string PostponeSql = """
        UPDATE outbox SET attempts = attempts + 1, last_error = $2, next_at = now() + least(interval '1 second' * 2 ^ least(attempts, 10), interval '5 minutes')
        WHERE id = $1
        """;

    private readonly string _destination = to.Service;
    private DateTimeOffset _from = DateTimeOffset.MinValue; // by the database's clock
    private long _wholeAt;
    private TimeSpan _wholeRest = TimeSpan.Zero;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await migrator.Completion.WaitAsync(stoppingToken);
        TimeSpan pause = TimeSpan.Zero;
        bool told = true;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                int delivered = told || await IsAnyAsync(stoppingToken) ? await connections.RunAsync(connection => DeliverBatchAsync(connection, stoppingToken)) : 0;
                told = true;
                if (delivered == 0)
                {
                    told = await outbox.WaitAsync(_destination, Poll, stoppingToken);
                }
                if (delivered < BatchSize && to.Gather > TimeSpan.Zero)
                {
                    await Task.Delay(to.Gather, time, stoppingToken);
                }
                pause = TimeSpan.Zero;
            }
            // No failure ends the relay: what stays in the outbox is tried again.
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                if (pause == TimeSpan.Zero)
                {
                    LogWaiting(_destination, e.Message);
                }
                pause = pause == TimeSpan.Zero ? TimeSpan.FromMilliseconds(250) : TimeSpan.FromTicks(Math.Min(pause.Ticks * 2, MaxPause.Ticks));
                await Task.Delay(pause, time, stoppingToken);
            }
            // A call that the stop cancels ends in gRPC's own exception; the events it carried are tried again by whoever comes next.
            catch (RpcException)
            {
                return;
            }
        }
    }

    private async Task<bool> IsAnyAsync(CancellationToken ct)
    {
        DateTimeOffset? first = await LookAsync(from => db.QueryFirstAsync(LookSql, row => row.Nullable<DateTimeOffset?>(0), ct, _destination, from));
        _from = first ?? _from;
        return first is not null;
    }

    private async Task<T> LookAsync<T>(Func<DateTimeOffset, Task<T>> look)
    {
        if (time.GetElapsedTime(_wholeAt) < _wholeRest)
        {
            return await look(_from);
        }
        long start = time.GetTimestamp();
        T found = await look(DateTimeOffset.MinValue);
        _wholeAt = time.GetTimestamp();
        TimeSpan share = time.GetElapsedTime(start, _wholeAt) * WholeShare;
        _wholeRest = share > Poll ? share : Poll;
        return found;
    }

    private async Task<List<Taken>> TakeAsync(NpgsqlConnection connection, DateTimeOffset from, CancellationToken ct)
    {
        await using NpgsqlCommand take = connection.Sql(TakeSql, _destination, from, BatchSize);
        return await take.StepAsync(
            row => new Taken(row.GetString(0), row.GetInt64(1), row.GetFieldValue<DateTimeOffset>(6), new Event
            {
                Id = row.GetGuid(2).ToString(),
                Type = row.GetString(3),
                PayloadJson = row.GetString(4),
                OccurredAt = Timestamp.FromDateTimeOffset(row.GetFieldValue<DateTimeOffset>(5)),
            }),
            ct);
    }

    private async Task<int> DeliverBatchAsync(NpgsqlConnection connection, CancellationToken ct)
    {
        await using NpgsqlTransaction transaction = await connection.BeginTransactionAsync(ct);
        List<Taken> rows = await LookAsync(from => TakeAsync(connection, from, ct));
        if (rows.Count == 0)
        {
            return 0;
        }
        _from = rows[0].NextAt - Late;
        IReadOnlyList<string> errors = await transport.DeliverAsync(new EventBatch { Events = { rows.Select(r => r.Event) } }, ct);
        if (errors.Count != rows.Count)
        {
            throw new InvalidOperationException($"{_destination} acknowledged {errors.Count} of {rows.Count} events");
        }
        Trace(rows.Select(r => r.Event), errors);
        string[] delivered = [.. rows.Where((_, i) => errors[i].Length == 0).Select(r => r.Place)];
        await using NpgsqlCommand delete = connection.Sql(DeleteSql, [delivered]);
        _ = await delete.StepAsync(static _ => 0, ct);
        for (int i = 0; i < rows.Count; i++)
        {
            if (errors[i].Length > 0)
            {
                LogRefused(rows[i].Event.Type, rows[i].Event.Id, SagaTrace.BookingOf(rows[i].Event.PayloadJson), _destination, errors[i]);
                await using NpgsqlCommand postpone = connection.Sql(PostponeSql, rows[i].Id, errors[i]);
                await postpone.ExecuteNonQueryAsync(ct);
            }
        }
        await transaction.CommitAsync(ct);
        return rows.Count;
    }

    // From the commit that recorded the event to its acknowledgement.
    private void Trace(IEnumerable<Event> events, IReadOnlyList<string> errors)
    {
        foreach ((Event sent, string error) in SagaTrace.IsOn ? events.Zip(errors) : [])
        {
            using Activity? span = SagaTrace.BookingOf(sent.PayloadJson) is { } booking
                ? SagaTrace.Start(booking, "deliver " + sent.Type, ActivityKind.Producer, sent.OccurredAt.ToDateTimeOffset())
                : null;
            span?.SetTag("booksaga.event_id", sent.Id).SetTag("booksaga.destination", _destination);
            if (error.Length > 0)
            {
                span?.SetStatus(ActivityStatusCode.Error, error);
            }
        }
    }

    // A row that the open transaction holds a lock on, and where it is (ctid).
    private sealed record Taken(string Place, long Id, DateTimeOffset NextAt, Event Event);

    [LoggerMessage(1, LogLevel.Warning, "Events for {Destination} wait: {Reason}")]
    private partial void LogWaiting(string destination, string reason);

    [LoggerMessage(2, LogLevel.Error, "Event {Type} {EventId} (booking {BookingId}) was refused by {Destination}: {Reason}")]
    private partial void LogRefused(string type, string eventId, Guid? bookingId, string destination, string reason);
}
