using System.ComponentModel;
using System.Diagnostics;

namespace BookSaga.Launcher.Processes;

/// <summary>One process of the platform, started again with a growing pause whenever it ends unasked.</summary>
/// <param name="name">Its name in the state file and in <c>.data/logs</c>.</param>
/// <param name="command">What to start; asked before every start.</param>
/// <param name="log">The file that takes its output.</param>
/// <param name="say">Where restarts are told.</param>
/// <param name="changed">Called when <see cref="Current"/> has changed.</param>
internal sealed class Child(string name, Func<Command> command, string log, Action<string> say, Action changed)
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Healthy = TimeSpan.FromSeconds(60); // having run this long, the next crash is a new story
    private const long LogLimitBytes = 10 * 1024 * 1024;

    private readonly CancellationTokenSource _stop = new();
    private Task _supervision = Task.CompletedTask;

    internal string Name => name;

    /// <summary>The pause before every restart; null: a growing one.</summary>
    internal TimeSpan? SteadyPause { get; init; }

    internal string Log => log;

    /// <summary>The process, while there is one.</summary>
    internal RunningProcess? Current { get; private set; }

    /// <summary>How often it had to be started again.</summary>
    internal int Restarts { get; private set; }

    internal void Start()
    {
        Rotate(log);
        _supervision = SuperviseAsync();
    }

    /// <summary>Asks it to end with <paramref name="signal"/> and waits, at most <paramref name="grace"/> and the time that killing takes.</summary>
    internal async Task StopAsync(int signal, TimeSpan grace)
    {
        await _stop.CancelAsync();
        if (Current is { } current)
        {
            await current.EndAsync(signal, grace);
        }
        await _supervision;
    }

    /// <summary>Keeps one older log beside a new one once <paramref name="log"/> has grown beyond 10 MiB.</summary>
    internal static void Rotate(string log)
    {
        if (new FileInfo(log) is { Exists: true, Length: > LogLimitBytes })
        {
            File.Move(log, log + ".1", overwrite: true);
        }
    }

    private async Task SuperviseAsync()
    {
        TimeSpan pause = FirstPause;
        while (!_stop.IsCancellationRequested)
        {
            var ran = Stopwatch.StartNew();
            string end = await RunOnceAsync();
            if (_stop.IsCancellationRequested)
            {
                return;
            }
            pause = SteadyPause ?? (ran.Elapsed > Healthy ? FirstPause : pause);
            say($"{name} {end}; starting it again in {pause.TotalSeconds:0.#} s (log: {log})");
            await Task.Delay(pause, _stop.Token).ContinueWith(static _ => { }, TaskScheduler.Default);
            pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
            Restarts++;
        }
    }

    private async Task<string> RunOnceAsync()
    {
        try
        {
            using Process process = command().StartLogged(log);
            Current = RunningProcess.Of(process.Id);
            changed();
            if (_stop.IsCancellationRequested)
            {
                Current?.Signal(Posix.Kill); // the stop came before there was a process to ask
            }
            await process.WaitForExitAsync(CancellationToken.None);
            return $"ended with exit code {process.ExitCode}";
        }
        catch (Exception e) when (e is Win32Exception or IOException or Failure)
        {
            return "could not be started: " + e.Message;
        }
        finally
        {
            Current = null;
            changed();
        }
    }
}
