using Npgsql;

namespace BookSaga.Launcher.Postgres;

/// <summary>One database per service, made where it is missing.</summary>
internal static class Databases
{
    /// <summary>In the private cluster each database belongs to a user of its own, and no other service's user gets in.</summary>
    internal static async Task<Dictionary<string, PostgresUrl>> CreateOwnedAsync(PostgresUrl server, IEnumerable<string> names, Secrets secrets, CancellationToken ct)
    {
        var urls = new Dictionary<string, PostgresUrl>();
        await using NpgsqlConnection connection = await OpenAsync(server, ct);
        foreach (string name in names)
        {
            string password = secrets[$"postgres-{name}"];
            if (!await ExistsAsync(connection, "SELECT 1 FROM pg_roles WHERE rolname = $1", name, ct))
            {
                await ExecuteAsync(connection, $"CREATE ROLE {Quoted(name)} LOGIN", ct);
            }
            await ExecuteAsync(connection, $"ALTER ROLE {Quoted(name)} PASSWORD '{password}'", ct);
            await CreateAsync(connection, name, $" OWNER {Quoted(name)}", ct);
            await ExecuteAsync(connection, $"REVOKE CONNECT ON DATABASE {Quoted(name)} FROM PUBLIC", ct);
            urls[name] = new PostgresUrl(FormattableString.Invariant($"postgres://{name}:{password}@{server.Host}:{server.Port}/{name}"));
        }
        return urls;
    }

    /// <summary>On somebody's server: the database of <paramref name="url"/>, made if its user may.</summary>
    internal static async Task CreateAsync(PostgresUrl url, CancellationToken ct)
    {
        try
        {
            await using NpgsqlConnection there = await OpenAsync(url, ct);
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.InvalidCatalogName)
        {
            await using NpgsqlConnection connection = await OpenAsync(url.For("postgres"), ct);
            await CreateAsync(connection, url.Database, "", ct);
        }
    }

    /// <summary>Opens a connection.</summary>
    /// <exception cref="Failure">The server is out of reach.</exception>
    private static async Task<NpgsqlConnection> OpenAsync(PostgresUrl url, CancellationToken ct)
    {
        var connection = new NpgsqlConnection(url.ConnectionString());
        try
        {
            await connection.OpenAsync(ct);
            return connection;
        }
        catch (NpgsqlException e) when (e is not PostgresException)
        {
            await connection.DisposeAsync();
            throw new Failure($"The PostgreSQL server at {url.Shown} is out of reach: {e.Message.TrimEnd('.')}.");
        }
    }

    private static async Task CreateAsync(NpgsqlConnection connection, string name, string owner, CancellationToken ct)
    {
        if (!await ExistsAsync(connection, "SELECT 1 FROM pg_database WHERE datname = $1", name, ct))
        {
            await ExecuteAsync(connection, $"CREATE DATABASE {Quoted(name)}{owner}", ct);
        }
    }

    private static async Task<bool> ExistsAsync(NpgsqlConnection connection, string sql, string name, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand(sql, connection) { Parameters = { new() { Value = name } } };
        return await command.ExecuteScalarAsync(ct) is not null;
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        _ = await command.ExecuteNonQueryAsync(ct);
    }

    private static string Quoted(string name) => $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
}
