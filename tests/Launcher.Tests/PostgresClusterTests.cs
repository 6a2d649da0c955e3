using System.Globalization;
using BookSaga.Launcher.Postgres;
using BookSaga.Launcher.Processes;
using Npgsql;

namespace BookSaga.Launcher.Tests;

public sealed class PostgresClusterTests
{
    [Fact]
    public async Task Committed_data_and_databases_survive_kill_9_and_a_lock_file_whose_pid_is_somebody_elses()
    {
        CancellationToken ct = TestContext.Current.CancellationToken;
        using var folder = new TemporaryFolder();
        folder.Workspace.Create();
        var ports = Ports.Choose(gateway: null, before: null);

        var first = new Platform(folder.Workspace, ports, durable: false, _ => { });
        PostgresUrl url = await first.StartPostgresAsync(ct);
        Dictionary<string, PostgresUrl> urls = await Databases.CreateOwnedAsync(url, ["company", "payment"], first.Secrets, ct);
        await ExecuteAsync(urls["company"], "CREATE TABLE kept AS SELECT 42 AS answer", ct);
        await KillAsync(first);
        string lockFile = Path.Combine(PostgresCluster.Folder(folder.Workspace), "postmaster.pid");
        File.Exists(lockFile).ShouldBeTrue();
        await ReplacePidAsync(lockFile, Environment.ProcessId);

        var second = new Platform(folder.Workspace, ports, durable: false, _ => { });
        url = await second.StartPostgresAsync(ct);
        urls = await Databases.CreateOwnedAsync(url, ["company", "payment"], second.Secrets, ct);

        (await ExecuteAsync(urls["company"], "SELECT answer FROM kept", ct)).ShouldBe(42);
        PostgresException refused = await Should.ThrowAsync<PostgresException>(() => ExecuteAsync(
            new PostgresUrl(urls["payment"].For("company").ToString()), "SELECT 1", ct));
        refused.SqlState.ShouldBe(PostgresErrorCodes.InsufficientPrivilege);
        await second.StopAsync();
        second.State.Processes.ShouldAllBe(p => p.Process == null);
    }

    // Stops the supervision and the server without any of the server's own clean-up.
    private static async Task KillAsync(Platform platform)
    {
        RunningProcess server = platform.State.Process("postgres")!.Process!;
        server.Signal(Posix.Kill);
        (await server.WaitForExitAsync(Until.Patience)).ShouldBeTrue();
        await platform.StopAsync();
    }

    private static async Task ReplacePidAsync(string lockFile, int pid)
    {
        string[] lines = await File.ReadAllLinesAsync(lockFile);
        lines[0] = pid.ToString(CultureInfo.InvariantCulture);
        await File.WriteAllLinesAsync(lockFile, lines);
    }

    private static async Task<object?> ExecuteAsync(PostgresUrl url, string sql, CancellationToken ct)
    {
        await using var connection = new NpgsqlConnection(url.ConnectionString());
        await connection.OpenAsync(ct);
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync(ct);
    }
}
