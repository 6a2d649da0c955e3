using System.Diagnostics;
using System.Runtime.InteropServices;
using BookSaga.Launcher.Monitoring;
using BookSaga.Launcher.Processes;

namespace BookSaga.Launcher.Verbs;

/// <summary><c>monitor</c>: Prometheus on the running platform, with all alerts, until Ctrl-C. What it has gathered stays in the data folder.</summary>
internal static class Monitor
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(5);
    private const int UsualPort = 9090;

    internal static async Task<int> RunAsync(Workspace workspace)
    {
        PlatformState platform = PlatformState.Read(workspace.StateFile) is { IsRunning: true } running
            ? running
            : throw new Failure("The platform is not running; start it with: make up.");
        using var stop = new CancellationTokenSource();
        using PosixSignalRegistration terminate = StopOn(PosixSignal.SIGTERM, stop);
        using PosixSignalRegistration interrupt = StopOn(PosixSignal.SIGINT, stop);
        using PosixSignalRegistration hangUp = StopOn(PosixSignal.SIGHUP, stop); // to Prometheus it means something else
        await PrometheusServer.RequireAsync(stop.Token);
        var server = new PrometheusServer(Path.Combine(workspace.Data, "prometheus"), FreePort.Take(new HashSet<int>(), UsualPort));
        string log = workspace.Log("prometheus");
        using Process process = server.Configure(platform, Every).StartLogged(log);
        RunningProcess? started = RunningProcess.Of(process.Id);
        try
        {
            await server.WaitAsync(log, stop.Token);
            Console.WriteLine($"""
                Prometheus is running, asking every process every {Every.TotalSeconds:0} s.
                  queries     {server.Url}/graph
                  alerts      {server.Url}/alerts
                  dashboards  {Path.Combine(Workspace.Root, "deploy", "grafana")}, for a Grafana with this Prometheus as its data source
                Stop it with Ctrl-C.
                """);
            await process.WaitForExitAsync(stop.Token);
            throw new Failure($"Prometheus has ended; its log is {log}.");
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return 0;
        }
        finally
        {
            await (started?.EndAsync(Posix.Terminate, TimeSpan.FromSeconds(20)) ?? Task.CompletedTask);
        }
    }

    private static PosixSignalRegistration StopOn(PosixSignal signal, CancellationTokenSource stop) =>
        PosixSignalRegistration.Create(signal, context =>
        {
            context.Cancel = true;
            stop.Cancel();
        });
}
