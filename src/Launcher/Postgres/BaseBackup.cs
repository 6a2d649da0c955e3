using BookSaga.Launcher.Processes;

namespace BookSaga.Launcher.Postgres;

/// <summary>
/// A copy of the whole private cluster, taken while it runs. All databases are of one cluster with one write-ahead log, so the copy is all of them at one and the
/// same moment: no saga is on one side of it in one database and on the other side in another.
/// </summary>
internal static class BaseBackup
{
    /// <summary>The folder of the cluster's files within a backup.</summary>
    internal const string Cluster = "postgres";

    /// <summary>The file of passwords and client secrets within a backup: without them the databases' roles and the clients would refuse.</summary>
    internal const string Secrets = "secrets.json";

    /// <summary>Copies the cluster at <paramref name="server"/> and the workspace's secrets to <paramref name="folder"/>, and checks every file of the copy.</summary>
    /// <exception cref="Failure">PostgreSQL's tools refuse.</exception>
    internal static async Task TakeAsync(PostgresUrl server, Workspace workspace, string folder, CancellationToken ct)
    {
        PostgresBinaries binaries = await PostgresBinaries.FindAsync(MajorOf(PostgresCluster.Folder(workspace)), static _ => { }, ct);
        string unfinished = Path.TrimEndingDirectorySeparator(folder) + ".new";
        Directory.CreateDirectory(unfinished, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        await RunAsync(new Command(binaries.Tool("pg_basebackup"),
        [
            $"--pgdata={Path.Combine(unfinished, Cluster)}", $"--dbname=host={server.Host} port={server.Port} user={server.User}", "--no-password", "--wal-method=stream", "--checkpoint=fast",
        ])
        { Environment = new Dictionary<string, string> { ["PGPASSWORD"] = server.Password ?? "" } }, ct);
        await VerifyAsync(binaries, unfinished, ct);
        PrivateFile.Write(Path.Combine(unfinished, Secrets), await File.ReadAllTextAsync(workspace.SecretsFile, ct));
        Directory.Move(unfinished, folder);
    }

    /// <summary>Puts the backup in <paramref name="folder"/> in the place of the workspace's cluster and secrets; what is there is kept beside it.</summary>
    /// <returns>Where the former cluster is kept; null where there was none.</returns>
    /// <exception cref="Failure">The folder holds no whole backup, or its version of PostgreSQL is missing.</exception>
    internal static async Task<string?> RestoreAsync(string folder, Workspace workspace, Action<string> say, CancellationToken ct)
    {
        int major = MajorOf(Path.Combine(folder, Cluster)) ?? throw new Failure($"{folder} holds no backup; name one with FROM=, for example: make restore FROM=.data/backups/20261126T101500Z.");
        PostgresBinaries binaries = await PostgresBinaries.FindAsync(major, say, ct);
        await VerifyAsync(binaries, folder, ct);
        ServerUser user = await ServerUser.FindAsync(ct);
        string cluster = await ServerFolder.ChooseAsync(workspace, PlatformState.Postgres, user, ct);
        string kept = cluster + TimeProvider.System.GetUtcNow().ToString("'.before-'yyyyMMdd'T'HHmmss'Z'", System.Globalization.CultureInfo.InvariantCulture);
        string copy = cluster + ".new";
        await RunAsync(new Command("rm", ["-rf", copy]), ct);
        await RunAsync(new Command("cp", ["-a", Path.Combine(folder, Cluster), copy]), ct);
        await user.OwnAsync(copy, ct);
        bool existed = Directory.Exists(cluster);
        if (existed)
        {
            Directory.Move(cluster, kept);
        }
        // Its messages are of another time, and its password may be.
        string broker = ServerFolder.Of(workspace, PlatformState.RabbitMq);
        if (Directory.Exists(broker))
        {
            Directory.Move(broker, broker + Path.GetExtension(kept));
        }
        if (File.Exists(workspace.SecretsFile))
        {
            File.Move(workspace.SecretsFile, workspace.SecretsFile + Path.GetExtension(kept));
        }
        PrivateFile.Write(workspace.SecretsFile, await File.ReadAllTextAsync(Path.Combine(folder, Secrets), ct));
        Directory.Move(copy, cluster);
        return existed ? kept : null;
    }

    private static Task VerifyAsync(PostgresBinaries binaries, string folder, CancellationToken ct) =>
        RunAsync(new Command(binaries.Tool("pg_verifybackup"), ["--quiet", Path.Combine(folder, Cluster)]), ct);

    private static int? MajorOf(string cluster) => PostgresCluster.ExistingMajor(cluster);

    private static async Task RunAsync(Command command, CancellationToken ct)
    {
        (int code, string output) = await command.RunAsync(ct);
        if (code != 0)
        {
            throw new Failure($"{Path.GetFileName(command.File)} failed: {output.Trim().Split('\n')[^1].TrimEnd('.')}.");
        }
    }
}
