using System.Globalization;
using System.Text.RegularExpressions;
using BookSaga.Launcher;
using BookSaga.Launcher.Postgres;
using BookSaga.Launcher.Processes;
using Npgsql;

namespace BookSaga.Load;

/// <summary>What pgbench made of one script.</summary>
/// <param name="Clients">Its connections.</param>
/// <param name="PerSecond">Scripts a second.</param>
/// <param name="P50">Milliseconds of one script.</param>
/// <param name="P99">The same.</param>
internal sealed record PgbenchResult(int Clients, double PerSecond, double P50, double P99);

/// <summary>
/// The limit: the least that a durable saga writes, by plain prepared SQL without any service around it: five commits of one statement each. pgbench
/// on the same server, with the same settings, in the same run.
/// </summary>
internal sealed partial class Limit(PostgresUrl server, string folder)
{
    private const int Accounts = 10_000;
    private const int Offers = 200_000;

    // No unique index but the keys, no search index, no history of the account: less than any real platform.
    private static readonly string Schema = string.Create(CultureInfo.InvariantCulture, $"""
        DROP TABLE IF EXISTS saga, offer, account, outbox;
        CREATE TABLE saga (id uuid PRIMARY KEY, customer_id int NOT NULL, offer_id bigint NOT NULL, status text NOT NULL, epoch int NOT NULL, next_at timestamptz NOT NULL);
        CREATE TABLE offer (id bigint PRIMARY KEY, price bigint NOT NULL, status text NOT NULL, saga_id uuid) WITH (fillfactor = 70);
        CREATE TABLE account (id int PRIMARY KEY, balance bigint NOT NULL CHECK (balance >= 0)) WITH (fillfactor = 70);
        CREATE TABLE outbox (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, saga_id uuid NOT NULL, payload jsonb NOT NULL);
        INSERT INTO offer SELECT i, 1000, 'open' FROM generate_series(0, {Offers - 1}) i;
        INSERT INTO account SELECT i, 1000000000 FROM generate_series(0, {Accounts - 1}) i;
        VACUUM ANALYZE;
        CHECKPOINT
        """);

    private static readonly string Script = string.Create(CultureInfo.InvariantCulture, $$$"""
        \set customer random(0, {{{Accounts - 1}}})
        \set n :n + 1
        \set offer :client_id * :stride + :n
        \set high random(0, 1000000000)
        INSERT INTO saga VALUES (md5(:offer || ':' || :high)::uuid, :customer, :offer, 'running', 1, now() + interval '5 s');
        UPDATE offer SET status = 'reserved', saga_id = md5(:offer || ':' || :high)::uuid WHERE id = :offer AND status = 'open';
        UPDATE account SET balance = balance - 1000 WHERE id = :customer AND balance >= 1000;
        UPDATE offer SET status = 'paid' WHERE id = :offer AND status = 'reserved';
        WITH ended AS (UPDATE saga SET status = 'paid' WHERE id = md5(:offer || ':' || :high)::uuid AND epoch = 1 RETURNING id) INSERT INTO outbox (saga_id, payload) SELECT id, '{"status": "paid"}' FROM ended;
        """);

    /// <summary>Tries every number of <paramref name="clients"/> for <paramref name="seconds"/> each.</summary>
    internal async Task<List<PgbenchResult>> SagasAsync(int[] clients, int seconds)
    {
        await CreateDatabaseAsync();
        List<PgbenchResult> results = [];
        foreach (int count in clients)
        {
            await ExecuteAsync(server.For("limit"), Schema);
            results.Add(await RunAsync("limit", "saga", Script, count, seconds, "-D", "n=0", "-D", string.Create(CultureInfo.InvariantCulture, $"stride={Offers / count}")));
        }
        return results;
    }

    /// <summary>Runs <paramref name="script"/> in <paramref name="database"/> with prepared statements.</summary>
    internal async Task<PgbenchResult> RunAsync(string database, string name, string script, int clients, int seconds, params string[] options)
    {
        string file = Path.Combine(folder, name + ".sql");
        string log = Path.Combine(folder, name + ".log");
        await File.WriteAllTextAsync(file, script);
        foreach (string old in Directory.GetFiles(folder, name + ".log*"))
        {
            File.Delete(old);
        }
        var url = new NpgsqlConnectionStringBuilder(server.ConnectionString());
        PostgresBinaries binaries = await PostgresBinaries.FindAsync(null, static _ => { }, CancellationToken.None);
        var command = new Command(File.Exists(Path.Combine(binaries.Folder, "pgbench")) ? Path.Combine(binaries.Folder, "pgbench") : "pgbench",
            ["-n", "-M", "prepared", "-c", Text(clients), "-j", "2", "-T", Text(seconds), "-f", file, "-l", "--log-prefix", log, "-h", url.Host!, "-p", Text(url.Port), "-U", url.Username!, .. options, database])
        {
            Environment = new Dictionary<string, string> { ["PGPASSWORD"] = url.Password! },
            Directory = folder,
        };
        (int code, string output) = await command.RunAsync(CancellationToken.None);
        if (code != 0 || Tps().Match(output) is not { Success: true } tps)
        {
            throw new Failure($"pgbench failed: {output}");
        }
        int[] micros = [.. Directory.GetFiles(folder, name + ".log*").SelectMany(File.ReadLines).Select(line => int.Parse(line.Split(' ')[2], CultureInfo.InvariantCulture)).Order()];
        var measured = new Measurement(seconds, new Dictionary<int, int>(), micros, true);
        return new PgbenchResult(clients, double.Parse(tps.Value, CultureInfo.InvariantCulture), measured.Percentile(0.5), measured.Percentile(0.99));
    }

    private async Task CreateDatabaseAsync()
    {
        await ExecuteAsync(server, "DROP DATABASE IF EXISTS \"limit\"");
        await ExecuteAsync(server, "CREATE DATABASE \"limit\"");
    }

    private static async Task ExecuteAsync(PostgresUrl url, string sql)
    {
        await using var connection = new NpgsqlConnection(url.ConnectionString());
        await connection.OpenAsync();
        foreach (string statement in sql.Split(";\n", StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            await using var command = new NpgsqlCommand(statement, connection) { CommandTimeout = 0 };
            await command.ExecuteNonQueryAsync();
        }
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    [GeneratedRegex(@"(?<=tps = )[\d.]+")]
    private static partial Regex Tps();
}
