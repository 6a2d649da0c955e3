using System.Diagnostics;
using System.Globalization;
using BookSaga.Launcher.Postgres;

namespace BookSaga.Launcher.Verbs;

/// <summary><c>backup</c>: copies all databases of the running platform, at one moment, with the secrets that open them, to <c>TO</c> or <c>.data/backups/…</c>.</summary>
internal static class Backup
{
    internal static async Task<int> RunAsync(Workspace workspace)
    {
        if (PlatformState.Read(workspace.StateFile) is not { IsRunning: true } state)
        {
            throw new Failure("The platform is not running; start it with: make up.");
        }
        if (state.Process(PlatformState.Postgres)?.Port is not { } port)
        {
            throw new Failure("The databases are on a server of your own (DATABASE_URL); back it up with its own tools.");
        }
        var clock = Stopwatch.StartNew();
        string name = TimeProvider.System.GetUtcNow().ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture);
        string folder = Path.GetFullPath(Environment.GetEnvironmentVariable("TO") is { Length: > 0 } to ? to : Path.Combine(workspace.Data, "backups", name));
        if (Path.Exists(folder))
        {
            throw new Failure($"{folder} exists; choose another folder with TO=.");
        }
        await BaseBackup.TakeAsync(PostgresCluster.Url(new Secrets(workspace.SecretsFile), port), workspace, folder, CancellationToken.None);
        long bytes = new DirectoryInfo(folder).EnumerateFiles("*", SearchOption.AllDirectories).Sum(file => file.Length);
        Console.WriteLine($"""
            {folder}
            {bytes >> 20} MB in {clock.Elapsed.TotalSeconds:0.0} s, every file checked. It holds passwords: keep it as safe as the data itself, and on another disk.
            Put it back with: make down; make restore FROM={folder}; make up
            """);
        return 0;
    }
}
