using System.Globalization;
using BookSaga.Launcher.Processes;
using BookSaga.Launcher.RabbitMq;

namespace BookSaga.Launcher.Verbs;

/// <summary><c>status</c>: every process with its state, ports and memory; exit code 0 when all of them are ready, else 1.</summary>
internal static class Status
{
    internal static async Task<int> RunAsync(Workspace workspace)
    {
        PlatformState? state = PlatformState.Read(workspace.StateFile);
        if (state is not { IsRunning: true })
        {
            bool orphans = state?.Processes.Any(p => p.Process?.IsAlive() == true) == true;
            Console.WriteLine(orphans ? "The supervisor is gone but its services still run; `make up` or `make down` cleans up." : "BookSaga is not running.");
            return 1;
        }
        (ProcessState Process, string State)[] rows = await RowsAsync(state);
        Console.WriteLine($"{state.Url}  ({state.Phase.ToString().ToLowerInvariant()}, {state.Mode.ToLowerInvariant()}, events: {state.Transport.ToLowerInvariant()})");
        Console.WriteLine($"{"process",-14}{"state",-10}{"pid",8}{"port",8}{"gRPC",8}{"metrics",9}{"restarts",10}{"MB",7}");
        foreach ((ProcessState p, string shown) in rows)
        {
            Console.WriteLine($"{p.Name,-14}{shown,-10}{p.Process?.Pid,8}{p.Port,8}{p.GrpcPort,8}{(PlatformState.IsForeign(p.Name) ? null : p.MetricsPort ?? p.Port),9}{p.Restarts,10}{Megabytes(p.Process),7}");
        }
        return state.Phase == Phase.Ready && rows.All(IsReady) ? 0 : 1;
    }

    /// <summary>The names of the processes that do not serve at the moment.</summary>
    internal static async Task<string[]> NotReadyAsync(PlatformState state) =>
        [.. (await RowsAsync(state)).Where(row => !IsReady(row)).Select(row => row.Process.Name)];

    private static bool IsReady((ProcessState Process, string State) row) => row.State is "ready" or "running";

    private static async Task<(ProcessState Process, string State)[]> RowsAsync(PlatformState state)
    {
        using var http = new HttpClient { Timeout = TimeSpan.FromSeconds(3) };
        return await Task.WhenAll(state.Processes.Select(async p => (p, await StateAsync(http, p))));
    }

    private static async Task<string> StateAsync(HttpClient http, ProcessState process)
    {
        if (process.Process?.IsAlive() != true)
        {
            return "down";
        }
        if (process.Name == PlatformState.RabbitMq)
        {
            return await RabbitMqNode.AnswersAsync(process.Port!.Value, CancellationToken.None) ? "running" : "silent";
        }
        if (PlatformState.IsForeign(process.Name))
        {
            return "running";
        }
        try
        {
            using HttpResponseMessage answer = await http.GetAsync(new Uri(ServiceSettings.Address(process.Port!.Value) + "/readyz"));
            return answer.IsSuccessStatusCode ? "ready" : "not ready";
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException)
        {
            return "silent";
        }
    }

    private static string Megabytes(RunningProcess? process)
    {
        try
        {
            using var running = System.Diagnostics.Process.GetProcessById(process?.Pid ?? 0);
            return (running.WorkingSet64 >> 20).ToString(CultureInfo.InvariantCulture);
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException)
        {
            return "";
        }
    }
}
