using System.Globalization;
using System.Runtime.InteropServices;
using BookSaga.Launcher.Processes;

namespace BookSaga.Launcher.Verbs;

/// <summary><c>run</c>: the supervisor that <c>up</c> leaves in the background. It prints its progress and ends on SIGTERM.</summary>
internal static class Run
{
    internal static async Task<int> RunAsync(Workspace workspace)
    {
        _ = Posix.StartNewSession();
        using var stop = new CancellationTokenSource();
        using PosixSignalRegistration terminate = StopOn(PosixSignal.SIGTERM, stop);
        using PosixSignalRegistration interrupt = StopOn(PosixSignal.SIGINT, stop);

        PlatformState? before = PlatformState.Read(workspace.StateFile);
        if (before is not null)
        {
            await before.EndLeftoversAsync();
        }
        var platform = new Platform(workspace, Ports.Choose(Ports.GatewayFromEnvironment(), before, Ports.ReplicasFromEnvironment(usual: 1)), durable: true, Say) { MayUseOtherServers = true };
        int code = 0;
        try
        {
            await platform.StartAsync(stop.Token);
            await DemoUsers.RegisterAsync(platform.State.Url, Say, stop.Token);
            platform.DeclareReady();
            Say("ready");
            await Task.Delay(Timeout.Infinite, stop.Token);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            Say("stopping");
        }
        catch (Exception e)
        {
            Say(Failure.Sentence(e));
            code = 1;
        }
        await platform.StopAsync();
        if (code == 0)
        {
            Say("stopped");
        }
        return code;
    }

    private static PosixSignalRegistration StopOn(PosixSignal signal, CancellationTokenSource stop) =>
        PosixSignalRegistration.Create(signal, context =>
        {
            context.Cancel = true;
            stop.Cancel();
        });

    private static void Say(string text)
    {
        try
        {
            Console.WriteLine($"{TimeProvider.System.GetLocalNow().ToString("HH:mm:ss", CultureInfo.InvariantCulture)} {text}");
        }
        catch (IOException)
        {
            // The disk of the log is full.
        }
    }
}
