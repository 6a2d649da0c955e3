using System.Collections.Concurrent;
using System.Data.Common;
using System.Runtime.CompilerServices;
using Npgsql;

namespace BookSaga.Hosting.Data;

/// <summary>Positional parameters and a row reader on Npgsql; nothing more.</summary>
public static class Query
{
    // How often each server process has run a step.
    private static readonly ConcurrentDictionary<int, int> Uses = new();

    /// <summary>Runs <paramref name="sql"/> with <c>$1…</c> bound to <paramref name="args"/> and gives the number of rows it changed.</summary>
    public static async Task<int> ExecuteAsync(this NpgsqlDataSource db, string sql, CancellationToken ct, params object?[] args)
    {
        await using NpgsqlCommand command = db.CreateCommand(sql).Bind(args);
        return await command.ExecuteNonQueryAsync(ct);
    }

    /// <summary>All rows.</summary>
    public static async Task<List<T>> QueryAsync<T>(this NpgsqlDataSource db, string sql, Func<DbDataReader, T> read, CancellationToken ct, params object?[] args)
    {
        await using NpgsqlCommand command = db.CreateCommand(sql).Bind(args);
        return await command.ReadAllAsync(read, ct);
    }

    /// <summary>All rows, one after the other as they come: for answers that are too long to hold.</summary>
    public static async IAsyncEnumerable<T> StreamAsync<T>(
        this NpgsqlDataSource db, string sql, Func<DbDataReader, T> read, [EnumeratorCancellation] CancellationToken ct, params object?[] args)
    {
        await using NpgsqlCommand command = db.CreateCommand(sql).Bind(args);
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(ct);
        while (await reader.ReadAsync(ct))
        {
            yield return read(reader);
        }
    }

    /// <summary>The first row, or the default when there is none.</summary>
    public static async Task<T?> QueryFirstAsync<T>(this NpgsqlDataSource db, string sql, Func<DbDataReader, T> read, CancellationToken ct, params object?[] args)
    {
        await using NpgsqlCommand command = db.CreateCommand(sql).Bind(args);
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(ct);
        return await reader.ReadAsync(ct) ? read(reader) : default;
    }

    /// <summary>All rows of a statement of the hot path, on a connection that may be in a transaction: prepared, so that it is parsed once for each connection. A caller that goes away changes nothing: what was begun is finished, without <paramref name="ct"/>.</summary>
    public static async Task<List<T>> StepAsync<T>(this NpgsqlCommand command, Func<DbDataReader, T> read, CancellationToken ct = default)
    {
        ArgumentNullException.ThrowIfNull(command);
        bool prepared = false;
        try
        {
            await RenewPlansAsync(command.Connection!, ct);
            await command.PrepareAsync(ct);
            prepared = true;
            return await command.ReadAllAsync(read, ct);
        }
        // What was prepared is not there any more, or belongs to an older schema: connections begin anew.
        catch (PostgresException e) when (!prepared || e.SqlState is PostgresErrorCodes.InvalidSqlStatementName or PostgresErrorCodes.FeatureNotSupported)
        {
            NpgsqlConnection.ClearPool(command.Connection!);
            throw;
        }
    }

    // A plan that was made when the tables were all but empty reads them whole, and would be kept until PostgreSQL analyses them; meanwhile a busy day may pass.
    private static async Task RenewPlansAsync(NpgsqlConnection connection, CancellationToken ct)
    {
        if (Uses.AddOrUpdate(connection.ProcessID, 1, static (_, uses) => uses + 1) is 10 or 100 or 1_000 or 10_000)
        {
            await using NpgsqlCommand discard = connection.Sql("DISCARD PLANS");
            await discard.ExecuteNonQueryAsync(ct);
        }
    }

    /// <summary>A command on <paramref name="connection"/>, which may be in a transaction.</summary>
    public static NpgsqlCommand Sql(this NpgsqlConnection connection, string sql, params object?[] args) =>
        new NpgsqlCommand(sql, connection).Bind(args);

    /// <summary>Reads all rows of <paramref name="command"/>.</summary>
    public static async Task<List<T>> ReadAllAsync<T>(this NpgsqlCommand command, Func<DbDataReader, T> read, CancellationToken ct)
    {
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(ct);
        var rows = new List<T>();
        while (await reader.ReadAsync(ct))
        {
            rows.Add(read(reader));
        }
        return rows;
    }

    /// <summary>The value of a column that may be null.</summary>
    public static T? Nullable<T>(this DbDataReader reader, int column)
    {
        ArgumentNullException.ThrowIfNull(reader);
        return reader.IsDBNull(column) ? default : reader.GetFieldValue<T>(column);
    }

    private static NpgsqlCommand Bind(this NpgsqlCommand command, object?[] args)
    {
        foreach (object? arg in args)
        {
            command.Parameters.Add(arg as NpgsqlParameter ?? new NpgsqlParameter { Value = arg ?? DBNull.Value });
        }
        return command;
    }
}
