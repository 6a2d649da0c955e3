using BookSaga.Launcher.Postgres;

namespace BookSaga.Launcher.Verbs;

/// <summary><c>restore</c>: puts the backup in <c>FROM</c> in the place of the stopped platform's data. What was there is kept beside it.</summary>
internal static class Restore
{
    internal static async Task<int> RunAsync(Workspace workspace)
    {
        if (Environment.GetEnvironmentVariable("FROM") is not { Length: > 0 } from)
        {
            throw new Failure("Name a backup with FROM=, for example: make restore FROM=.data/backups/20261126T101500Z.");
        }
        if (PlatformState.Read(workspace.StateFile) is { } state && (state.IsRunning || state.Processes.Any(p => p.Process?.IsAlive() == true)))
        {
            throw new Failure("The platform is running; stop it first with: make down.");
        }
        workspace.Create();
        string? kept = await BaseBackup.RestoreAsync(Path.GetFullPath(from), workspace, Console.WriteLine, CancellationToken.None);
        Console.WriteLine(kept is null ? "The data is restored." : $"The data is restored; what was there is kept in {kept}.");
        Console.WriteLine("Start with: make up. Then look at GET /api/v1/operator/invariants: the auditor goes through all bookings.");
        return 0;
    }
}
