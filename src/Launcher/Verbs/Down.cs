using BookSaga.Launcher.Processes;

namespace BookSaga.Launcher.Verbs;

/// <summary><c>down</c>: asks the supervisor to stop everything in order; ends what a killed supervisor left.</summary>
internal static class Down
{
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(110); // gateway, services and PostgreSQL one after the other, each with its own limit

    internal static async Task<int> RunAsync(Workspace workspace)
    {
        PlatformState? state = PlatformState.Read(workspace.StateFile);
        bool ran = state is not null && (state.IsRunning || state.Processes.Any(p => p.Process?.IsAlive() == true));
        if (state?.Supervisor is { } supervisor)
        {
            await supervisor.EndAsync(Posix.Terminate, Grace);
        }
        // Read again: the supervisor may have started something since.
        if (PlatformState.Read(workspace.StateFile) is { } left)
        {
            await left.EndLeftoversAsync();
        }
        Console.WriteLine(ran ? "BookSaga is stopped." : "BookSaga is not running.");
        return 0;
    }
}
