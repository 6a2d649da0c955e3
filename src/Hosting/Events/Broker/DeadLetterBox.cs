using System.Text;
using BookSaga.Contracts.Events;
using BookSaga.Contracts.Queues;
using BookSaga.Hosting.Data;
using Google.Protobuf.WellKnownTypes;
using Npgsql;
using RabbitMQ.Client;

namespace BookSaga.Hosting.Events.Broker;

/// <summary>
/// Events that this service could not take, kept in its own database: a broker's queue can be looked at only by taking from it. Operators
/// see them beside the outbox; each is tried again every five minutes, as the outbox does, or at once when somebody says so.
/// </summary>
public sealed class DeadLetterBox
{
    private const int DueLimit = 100;
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    // A repeat has the same key: the last reason counts.
    private const string KeepSql = """
        INSERT INTO dead_letter (id, type, payload, reason, attempts, occurred_at, next_at)
        SELECT DISTINCT ON (id) *, now() + interval '5 minutes' FROM unnest($1, $2, $3, $4, $5, $6) AS d(id, type, payload, reason, attempts, occurred_at)
        ON CONFLICT (id) DO UPDATE SET reason = excluded.reason, attempts = dead_letter.attempts + excluded.attempts
        """;

    private const string DescribeSql = "SELECT count(*), min(occurred_at), (array_agg(reason ORDER BY next_at DESC))[1] FROM dead_letter";

    private const string ListSql = "SELECT id, type, payload, occurred_at, attempts, reason FROM dead_letter ORDER BY occurred_at, id LIMIT $1";

    private const string NamedSql = """
        UPDATE dead_letter SET next_at = now() + interval '5 minutes' WHERE id = ANY($1) RETURNING id, type, payload, occurred_at
        """;

    // Replicas share them: whoever moves the time tries it.
    private const string DueSql = """
        UPDATE dead_letter SET next_at = now() + interval '5 minutes'
        WHERE id IN (SELECT id FROM dead_letter WHERE next_at <= now() ORDER BY next_at LIMIT $1 FOR UPDATE SKIP LOCKED) RETURNING id, type, payload, occurred_at
        """;

    private const string DeleteSql = "DELETE FROM dead_letter WHERE id = $1";

    private const string RefuseSql = "UPDATE dead_letter SET attempts = attempts + 1, reason = $2 WHERE id = $1";

    private readonly NpgsqlDataSource _db;
    private readonly ServiceName _service;
    private readonly EventDispatch _dispatch;
    private readonly TimeProvider _time;
    private readonly BrokerState? _broker;

    internal DeadLetterBox(NpgsqlDataSource db, ServiceName service, EventDispatch dispatch, TimeProvider time, BrokerState? broker) =>
        (_db, _service, _dispatch, _time, _broker) = (db, service, dispatch, time, broker);

    /// <summary>Moves <paramref name="batch"/> from the broker's queue to the table, however long the database is away.</summary>
    internal async Task KeepAsync(IChannel channel, IReadOnlyList<Delivery> batch, CancellationToken ct)
    {
        while (!await IsKeptAsync(batch, ct))
        {
            await Task.Delay(Pause, _time, ct);
        }
        await channel.BasicAckAsync(batch[^1].Tag, multiple: true, ct);
    }

    /// <summary>This service's own queue as operators see it; none when there is nothing to say.</summary>
    public async Task<IReadOnlyList<Queue>> DescribeAsync(CancellationToken ct)
    {
        (long count, DateTimeOffset? oldest, string? reason) = await _db.QueryFirstAsync(
            DescribeSql, row => (row.GetInt64(0), row.Nullable<DateTimeOffset?>(1), row.Nullable<string>(2)), ct);
        long refused = (_broker?.Refused ?? 0) + count;
        return _broker is null && count == 0 ? [] :
        [
            new()
            {
                Name = _service.Name, Waiting = (_broker?.Waiting ?? 0) + refused, Refused = refused, Dead = count,
                Oldest = oldest is { } since ? Timestamp.FromDateTimeOffset(since) : null, LastError = reason ?? "",
            },
        ];
    }

    /// <summary>The oldest.</summary>
    public Task<List<DeadLetter>> ListAsync(int limit, CancellationToken ct) => _db.QueryAsync(
        ListSql,
        row => new DeadLetter
        {
            Id = row.GetString(0), Queue = _service.Name, Type = row.GetString(1),
            BookingId = SagaTrace.BookingOf(Encoding.UTF8.GetString(row.GetFieldValue<byte[]>(2)))?.ToString() ?? "",
            CreatedAt = Timestamp.FromDateTimeOffset(row.GetFieldValue<DateTimeOffset>(3)), Attempts = row.GetInt32(4), LastError = row.GetString(5),
        },
        ct, limit);

    /// <summary>Tries those of <paramref name="ids"/> that are dead letters; gives how many they were.</summary>
    public Task<int> ReplayAsync(IEnumerable<string> ids, CancellationToken ct) => TryAsync(NamedSql, ids.ToArray(), ct);

    /// <summary>Tries those whose time has come.</summary>
    internal Task<int> RetryDueAsync(CancellationToken ct) => TryAsync(DueSql, DueLimit, ct);

    private async Task<int> TryAsync(string claimSql, object which, CancellationToken ct)
    {
        List<Event> events = await _db.QueryAsync(
            claimSql,
            row => new Event
            {
                Id = row.GetString(0), Type = row.GetString(1), PayloadJson = Encoding.UTF8.GetString(row.GetFieldValue<byte[]>(2)),
                OccurredAt = Timestamp.FromDateTimeOffset(row.GetFieldValue<DateTimeOffset>(3)),
            },
            ct, which);
        await Task.WhenAll(events.Select(async dead =>
        {
            string error = await _dispatch.StoreAsync(dead, ct);
            await (error.Length == 0 ? _db.ExecuteAsync(DeleteSql, ct, dead.Id) : _db.ExecuteAsync(RefuseSql, ct, dead.Id, Storable(error)));
        }));
        return events.Count;
    }

    private async Task<bool> IsKeptAsync(IReadOnlyList<Delivery> batch, CancellationToken ct)
    {
        try
        {
            await _db.ExecuteAsync(
                KeepSql, ct,
                batch.Select(d => Storable(d.Id)).ToArray(), batch.Select(d => Storable(d.Type)).ToArray(), batch.Select(d => d.Body).ToArray(),
                batch.Select(d => Storable(d.Reason)).ToArray(), batch.Select(d => d.Attempts).ToArray(), batch.Select(d => d.OccurredAt.ToUniversalTime()).ToArray());
            return true;
        }
        catch (Exception e) when (PassingFailure.Is(e))
        {
            return false;
        }
    }

    // PostgreSQL's texts have every character but this.
    private static string Storable(string text) => text.Replace('\0', ' ');
}
