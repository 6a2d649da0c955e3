using BookSaga.Launcher.Postgres;
using Npgsql;

namespace BookSaga.Launcher.Chaos;

/// <summary>The auditor's own eyes: every service's database as superuser.</summary>
internal sealed class Databases(PostgresUrl server)
{
    internal string Address(string database) => server.For(database).ConnectionString();

    internal async Task<List<T>> QueryAsync<T>(string database, string sql, Func<NpgsqlDataReader, T> read)
    {
        await using var connection = new NpgsqlConnection(Address(database));
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 0 }; // a large database is read whole
        await using NpgsqlDataReader rows = await command.ExecuteReaderAsync();
        var all = new List<T>();
        while (await rows.ReadAsync())
        {
            all.Add(read(rows));
        }
        return all;
    }

    internal async Task<long> CountAsync(string database, string sql) => (await QueryAsync(database, sql, row => row.GetInt64(0))).Single();
}
