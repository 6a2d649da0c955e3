using System.Data;
using System.Data.Common;
using Npgsql;

namespace BookSaga.Hosting.Data;

/// <summary>
/// Connections of the hot path, the one last used first: behind each is a process of PostgreSQL, and one that has just worked finds its plans and tables in the
/// processor's caches. The pool, which has the others, gives the one that has rested longest.
/// </summary>
public sealed class StepConnections(NpgsqlDataSource db) : IAsyncDisposable
{
    private readonly Lock _lock = new();
    private readonly Stack<NpgsqlConnection> _rested = [];

    // As many as work at once while little is to be done. All others go back to the pool, whose limit counts these too: a small one is not taken from others.
    private readonly int _mostKept = new NpgsqlConnectionStringBuilder(db.ConnectionString).MaxPoolSize / 4;

    /// <summary>All rows of a statement, prepared.</summary>
    public Task<List<T>> StepAsync<T>(string sql, Func<DbDataReader, T> read, params object?[] args) => RunAsync(async connection =>
    {
        await using NpgsqlCommand command = connection.Sql(sql, args);
        return await command.StepAsync(read);
    });

    /// <summary>Runs <paramref name="step"/>. After a failure no connection is kept: they may all have lost their server.</summary>
    public async Task<T> RunAsync<T>(Func<NpgsqlConnection, Task<T>> step)
    {
        ArgumentNullException.ThrowIfNull(step);
        NpgsqlConnection connection = Take() ?? await db.OpenConnectionAsync();
        T result;
        try
        {
            result = await step(connection);
        }
        catch
        {
            await connection.DisposeAsync();
            await DisposeAsync();
            throw;
        }
        if (!Keep(connection))
        {
            await connection.DisposeAsync();
        }
        return result;
    }

    /// <summary>Gives those that rest back to the pool.</summary>
    public async ValueTask DisposeAsync()
    {
        while (Take() is { } rested)
        {
            await rested.DisposeAsync();
        }
    }

    private NpgsqlConnection? Take()
    {
        lock (_lock)
        {
            return _rested.TryPop(out NpgsqlConnection? last) ? last : null;
        }
    }

    // A step that only undoes its transaction does not notice that the server is gone.
    private bool Keep(NpgsqlConnection connection)
    {
        lock (_lock)
        {
            if (_rested.Count == _mostKept || connection.State != ConnectionState.Open)
            {
                return false;
            }
            _rested.Push(connection);
            return true;
        }
    }
}
