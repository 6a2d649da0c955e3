using System.Diagnostics;
using BookSaga.Launcher.Processes;

namespace BookSaga.Launcher.Verbs;

/// <summary>
/// <c>with [option] command…</c>: runs a command against a platform of its own (data in a temporary folder, free ports), stops it and passes the
/// command's exit code on. The command finds it by <c>BOOKSAGA_URL</c>, <c>BOOKSAGA_STATE</c> (the state file: pids and ports),
/// <c>BOOKSAGA_POSTGRES</c> (the superuser's address), <c>BOOKSAGA_OPERATOR_PASSWORD</c> and <c>BOOKSAGA_MAIL_API</c> or <c>BOOKSAGA_MAIL_DIR</c>.
/// </summary>
internal static class With
{
    /// <summary><c>--postgres-only</c>: only a database server, at <c>BOOKSAGA_TEST_POSTGRES</c>.</summary>
    internal static Task<int> PostgresAsync(string[] command) => RunAsync(command, async (platform, ct) => new()
    {
        ["BOOKSAGA_TEST_POSTGRES"] = (await platform.StartPostgresAsync(ct)).ToString(),
    });

    /// <summary>The whole platform.</summary>
    internal static Task<int> PlatformAsync(string[] command) => RunAsync(command, async (platform, ct) =>
    {
        await platform.StartAsync(ct);
        platform.DeclareReady();
        Dictionary<string, string> addresses = Addresses(platform.State, platform.StateFile, platform.Secrets);
        addresses["BOOKSAGA_POSTGRES"] = platform.PostgresUrl!.ToString();
        return addresses;
    });

    /// <summary><c>--reuse</c>: the running platform, if there is one.</summary>
    internal static async Task<int> RunningOrOwnAsync(string[] command)
    {
        Workspace workspace = Workspace.Default();
        if (PlatformState.Read(workspace.StateFile) is not { IsRunning: true, Phase: Phase.Ready } running)
        {
            return await PlatformAsync(command);
        }
        using Process process = Start(command, Addresses(running, workspace.StateFile, new Secrets(workspace.SecretsFile)));
        await process.WaitForExitAsync();
        return process.ExitCode;
    }

    private static Task<int> RunAsync(string[] command, Func<Platform, CancellationToken, Task<Dictionary<string, string>>> start) =>
        new ThrowAway().RunAsync(async (platform, stop) => await RunToEndAsync(Start(command, await start(platform, stop)), stop));

    private static Process Start(string[] command, Dictionary<string, string> environment) =>
        new Command(command[0], command[1..]) { Environment = environment, Directory = Environment.CurrentDirectory }.Start();

    private static async Task<int> RunToEndAsync(Process process, CancellationToken stop)
    {
        using (process)
        {
            try
            {
                await process.WaitForExitAsync(stop);
            }
            catch (OperationCanceledException) when (RunningProcess.Of(process.Id) is { } running)
            {
                await running.EndAsync(Posix.Terminate, TimeSpan.FromSeconds(10));
                throw;
            }
            return process.ExitCode;
        }
    }

    private static Dictionary<string, string> Addresses(PlatformState state, string stateFile, Secrets secrets)
    {
        var addresses = new Dictionary<string, string> { ["BOOKSAGA_URL"] = state.Url, ["BOOKSAGA_STATE"] = stateFile, ["BOOKSAGA_OPERATOR_PASSWORD"] = secrets["operator"] };
        if (state.Mail.Web is { } web)
        {
            addresses["BOOKSAGA_MAIL_API"] = web + "/api/email";
        }
        if (state.Mail.Directory is { } directory)
        {
            addresses["BOOKSAGA_MAIL_DIR"] = directory;
        }
        return addresses;
    }
}
