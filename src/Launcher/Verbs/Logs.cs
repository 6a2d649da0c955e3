using System.Diagnostics;
using BookSaga.Launcher.Processes;

namespace BookSaga.Launcher.Verbs;

/// <summary><c>logs</c>: the end of every log; on a terminal it goes on following them until Ctrl-C.</summary>
internal static class Logs
{
    internal static async Task<int> RunAsync(Workspace workspace)
    {
        string[] logs = Directory.Exists(workspace.Logs) ? Directory.GetFiles(workspace.Logs, "*.log") : [];
        if (logs.Length == 0)
        {
            throw new Failure($"There are no logs in {workspace.Logs} yet; start the platform with: make up.");
        }
        string[] follow = Console.IsOutputRedirected ? [] : ["-F"];
        using Process tail = new Command("tail", ["-n", "20", .. follow, .. logs.Order(StringComparer.Ordinal)]).Start();
        await tail.WaitForExitAsync();
        return tail.ExitCode;
    }
}
