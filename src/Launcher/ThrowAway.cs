using System.Runtime.InteropServices;
using BookSaga.Launcher.Verbs;

namespace BookSaga.Launcher;

/// <summary>A platform of its own, with its data in a temporary folder and on free ports, that is gone when the work with it has ended, also by a signal.</summary>
internal sealed class ThrowAway
{
    /// <summary>How many processes each service has.</summary>
    internal int Replicas { get; init; } = 1;

    /// <summary>Whether a power cut would lose nothing: as slow as a platform that is kept, for benchmarks.</summary>
    internal bool Durable { get; init; }

    /// <summary>Whether mail goes to files without looking for a mail catcher.</summary>
    internal bool MailToFiles { get; init; }

    /// <summary>The pause before a process that has ended is started again; null: a growing one.</summary>
    internal TimeSpan? RestartPause { get; init; }

    /// <summary>How long a process that was told to stop goes on serving.</summary>
    internal TimeSpan ShutdownDelay { get; init; }

    /// <summary>The folder of <c>artifacts/logs</c> that its processes' logs are left in, however it ends; null: only those of a run that failed, in a folder of their own.</summary>
    internal string? LogsLeftIn { get; init; }

    /// <summary>Gives <paramref name="work"/> the platform, not started yet, and passes its exit code on.</summary>
    internal async Task<int> RunAsync(Func<Platform, CancellationToken, Task<int>> work)
    {
        using var stop = new CancellationTokenSource();
        PosixSignalRegistration[] signals = [.. ((PosixSignal[])[PosixSignal.SIGTERM, PosixSignal.SIGINT, PosixSignal.SIGHUP]).Select(s => StopOn(s, stop))];
        Workspace workspace = Workspace.Temporary(Durable);
        workspace.Create();
        var progress = new List<string>();
        var platform = new Platform(workspace, Ports.Choose(gateway: null, before: null, Replicas), Durable, Say) { MailToFiles = MailToFiles, RestartPause = RestartPause, ShutdownDelay = ShutdownDelay };
        int code = 1;
        try
        {
            return code = await work(platform, stop.Token);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return code = 130;
        }
        catch (Failure)
        {
            await Console.Error.WriteLineAsync(string.Join('\n', progress));
            throw;
        }
        finally
        {
            await platform.StopAsync();
            if (LogsLeftIn is not null)
            {
                KeepLogs(workspace, LogsLeftIn);
            }
            else if (code != 0 && !stop.IsCancellationRequested)
            {
                // A failed run is worth a look: its logs outlive the temporary folder.
                await Console.Error.WriteLineAsync($"The logs of this run are kept in {KeepLogs(workspace, Path.GetFileName(workspace.Data))}");
            }
            Reset.Delete(workspace);
            Array.ForEach(signals, s => s.Dispose());
        }

        void Say(string line)
        {
            lock (progress)
            {
                progress.Add(line);
            }
        }
    }

    private static string KeepLogs(Workspace workspace, string folder)
    {
        string kept = Path.Combine(Workspace.Root, "artifacts", "logs", folder);
        Directory.CreateDirectory(kept);
        foreach (string log in Directory.GetFiles(workspace.Logs))
        {
            File.Copy(log, Path.Combine(kept, Path.GetFileName(log)), overwrite: true);
        }
        return kept;
    }

    private static PosixSignalRegistration StopOn(PosixSignal signal, CancellationTokenSource stop) =>
        PosixSignalRegistration.Create(signal, context =>
        {
            context.Cancel = true;
            stop.Cancel();
        });
}
