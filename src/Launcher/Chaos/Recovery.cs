using System.Collections.Concurrent;
using Npgsql;

namespace BookSaga.Launcher.Chaos;

/// <summary>
/// Measures how long it takes until the sagas that were live when a process was hit have finished: customer's live rows are read
/// every 100 ms, and a fault is over at the first reading that has none of those that were live, and begun before it, at the first
/// reading after it. Further faults while waiting count in.
/// </summary>
internal sealed class Recovery(string customerDatabase)
{
    private const string LiveSql = """
        SELECT 'b' || id, created_at FROM booking WHERE live UNION ALL SELECT 'c' || booking_id, created_at FROM cancellation WHERE live
        """;

    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(100);
    private readonly ConcurrentQueue<Wound> _wounds = new();

    /// <summary>Live sagas at the last reading.</summary>
    internal int Live { get; private set; }

    /// <summary>All faults.</summary>
    internal IReadOnlyCollection<Wound> Wounds => _wounds;

    /// <summary>Faults during which, until their sagas had finished, nothing else was hit or still away: what a process's return alone brings about.</summary>
    internal IEnumerable<Wound> Alone => _wounds.Where(wound => !_wounds.Any(other => other != wound && other.Overlaps(wound)));

    /// <summary>Begins to measure a fault that happens now.</summary>
    internal Wound Open(Fault fault)
    {
        var wound = new Wound(fault, TimeProvider.System.GetUtcNow());
        _wounds.Enqueue(wound);
        return wound;
    }

    /// <summary>Reads until <paramref name="ct"/> ends.</summary>
    internal async Task RunAsync(CancellationToken ct)
    {
        while (!ct.IsCancellationRequested)
        {
            try
            {
                await using var connection = new NpgsqlConnection(customerDatabase);
                await connection.OpenAsync(ct);
                while (true)
                {
                    Observe(await ReadAsync(connection, ct), TimeProvider.System.GetUtcNow());
                    await Task.Delay(Poll, ct);
                }
            }
            catch (Exception e) when (e is NpgsqlException or TimeoutException)
            {
                await Task.Delay(Poll, CancellationToken.None); // it was hit too
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    private static async Task<Dictionary<string, DateTimeOffset>> ReadAsync(NpgsqlConnection connection, CancellationToken ct)
    {
        var live = new Dictionary<string, DateTimeOffset>();
        await using var command = new NpgsqlCommand(LiveSql, connection);
        await using NpgsqlDataReader rows = await command.ExecuteReaderAsync(ct);
        while (await rows.ReadAsync(ct))
        {
            Add(rows);
        }
        return live;

        void Add(NpgsqlDataReader row) => live[row.GetString(0)] = row.GetFieldValue<DateTimeOffset>(1);
    }

    private void Observe(Dictionary<string, DateTimeOffset> live, DateTimeOffset now)
    {
        Live = live.Count;
        foreach (Wound wound in _wounds)
        {
            wound.Observe(live, now);
        }
    }

    /// <summary>One fault and the sagas it met.</summary>
    internal sealed class Wound(Fault fault, DateTimeOffset at)
    {
        private HashSet<string>? _waiting;
        private DateTimeOffset? _returned;
        private DateTimeOffset? _healed;

        internal Fault Fault => fault;

        internal DateTimeOffset At => at;

        /// <summary>How many sagas were live.</summary>
        internal int Sagas { get; private set; }

        /// <summary>From the fault until its sagas were finished.</summary>
        internal TimeSpan? FromFault => _healed - at;

        /// <summary>From the moment when the process answered again; zero when others had finished its sagas by then.</summary>
        internal TimeSpan? FromReturn => _healed is { } healed && _returned is { } returned ? healed > returned ? healed - returned : TimeSpan.Zero : null;

        /// <summary>Whether this process was away at any time from <paramref name="other"/>'s fault until its sagas had finished.</summary>
        internal bool Overlaps(Wound other) => at <= (other._healed ?? DateTimeOffset.MaxValue) && (_returned ?? DateTimeOffset.MaxValue) >= other.At;

        /// <summary>The process answers again.</summary>
        internal void Returned() => _returned = TimeProvider.System.GetUtcNow();

        internal void Observe(Dictionary<string, DateTimeOffset> live, DateTimeOffset now)
        {
            if (_healed is not null || now <= at)
            {
                return;
            }
            if (_waiting is null)
            {
                _waiting = [.. live.Where(saga => saga.Value <= at).Select(saga => saga.Key)];
                Sagas = _waiting.Count;
            }
            _waiting.IntersectWith(live.Keys);
            _healed = _waiting.Count == 0 ? now : null;
        }
    }
}
