using Npgsql;

namespace BookSaga.Testing;

/// <summary>A new, empty database on the test server (<c>BOOKSAGA_TEST_POSTGRES</c>, which <c>make test</c> starts), dropped at the end.</summary>
public sealed class TestDatabase : IAsyncDisposable
{
    private const string ServerVariable = "BOOKSAGA_TEST_POSTGRES";
    private readonly string _name = "test_" + Guid.NewGuid().ToString("N");
    private readonly string _server;

    private TestDatabase(string server)
    {
        // A busy machine may stand still for longer than a service waits for a connection.
        _server = new NpgsqlConnectionStringBuilder(Hosting.Data.Database.ConnectionString(server)) { Timeout = 30 }.ConnectionString;
        Url = new NpgsqlConnectionStringBuilder(_server) { Database = _name, MaxPoolSize = 20, IncludeErrorDetail = true }.ConnectionString;
        Db = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(Url) { MaxPoolSize = 5, MaxAutoPrepare = 0 }.ConnectionString);
    }

    /// <summary>For the setting <c>Database:Url</c>.</summary>
    public string Url { get; }

    /// <summary>The tests' own connections to it.</summary>
    public NpgsqlDataSource Db { get; }

    public static async Task<TestDatabase> CreateAsync()
    {
        string server = Environment.GetEnvironmentVariable(ServerVariable)
            ?? throw new InvalidOperationException($"{ServerVariable} is not set: run the tests by `make test`, or point it at a PostgreSQL server where databases may be created.");
        var database = new TestDatabase(server);
        await database.OnServerAsync($"CREATE DATABASE {database._name}");
        return database;
    }

    public async ValueTask DisposeAsync()
    {
        await Db.DisposeAsync();
        await OnServerAsync($"DROP DATABASE IF EXISTS {_name} WITH (FORCE)");
    }

    /// <summary>Cuts every connection and lets nobody in, as a server that is down does; <see cref="RestoreAsync"/> ends it.</summary>
    public Task TakeDownAsync() => OnServerAsync(
        $"ALTER DATABASE {_name} ALLOW_CONNECTIONS false", $"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{_name}'");

    public async Task RestoreAsync()
    {
        await OnServerAsync($"ALTER DATABASE {_name} ALLOW_CONNECTIONS true");
        Db.Clear(); // the tests' own connections were cut as well
    }

    private async Task OnServerAsync(params string[] statements)
    {
        await using var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(_server) { Pooling = false }.ConnectionString);
        await connection.OpenAsync();
        foreach (string statement in statements)
        {
            await using var command = new NpgsqlCommand(statement, connection);
            await command.ExecuteNonQueryAsync();
        }
    }
}
