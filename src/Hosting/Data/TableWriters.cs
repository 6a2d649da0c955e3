using Npgsql;

namespace BookSaga.Hosting.Data;

/// <summary>Waits for rows that are written already and not committed yet.</summary>
public static class TableWriters
{
    // A statement locks its tables before it takes its snapshot and its numbers from a sequence, and lets go after its commit is visible. A transaction id it takes
    // only with its first row.
    private const string Sql = """
        SELECT DISTINCT virtualtransaction FROM pg_locks
        WHERE locktype = 'relation' AND relation = $1::regclass AND mode = 'RowExclusiveLock' AND granted
          AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
        """;

    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(10);

    /// <summary>
    /// Whether all who were writing to <paramref name="table"/> at the time of the call end within <paramref name="patience"/>: what they wrote can be seen then, and
    /// who writes later sees all that was committed before the call.
    /// </summary>
    public static async Task<bool> EndAsync(NpgsqlDataSource db, string table, TimeSpan patience, TimeProvider time, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(time);
        List<string> writers = await NowAsync();
        for (long start = time.GetTimestamp(); writers.Count > 0; writers = [.. writers.Intersect(await NowAsync())])
        {
            if (time.GetElapsedTime(start) >= patience)
            {
                return false;
            }
            await Task.Delay(Look, time, ct);
        }
        return true;

        Task<List<string>> NowAsync() => db.QueryAsync(Sql, row => row.GetString(0), ct, table);
    }
}
