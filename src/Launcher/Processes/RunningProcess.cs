using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;

namespace BookSaga.Launcher.Processes;

/// <summary>One process for certain: a pid alone may be another program's by the time it is used.</summary>
/// <param name="Pid">The process id.</param>
/// <param name="Started">When it started, in a form that only equality reads.</param>
internal sealed record RunningProcess(int Pid, string Started)
{
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(50);

    internal bool IsAlive() => Of(Pid) == this;

    /// <summary>The process that has <paramref name="pid"/> now; null when there is none, or only its unreaped remains.</summary>
    internal static RunningProcess? Of(int pid)
    {
        try
        {
            return OperatingSystem.IsLinux() ? FromProc(pid) : FromSystem(pid);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or InvalidOperationException or Win32Exception)
        {
            return null;
        }
    }

    internal void Signal(int signal)
    {
        if (IsAlive())
        {
            _ = Posix.SendSignal(Pid, signal);
        }
    }

    /// <summary>Asks with <paramref name="signal"/>, waits <paramref name="grace"/>, then kills.</summary>
    internal async Task EndAsync(int signal, TimeSpan grace)
    {
        Signal(signal);
        if (!await WaitForExitAsync(grace))
        {
            Signal(Posix.Kill);
            _ = await WaitForExitAsync(TimeSpan.FromSeconds(5));
        }
    }

    internal async Task<bool> WaitForExitAsync(TimeSpan limit)
    {
        for (var waited = Stopwatch.StartNew(); IsAlive(); await Task.Delay(Poll))
        {
            if (waited.Elapsed > limit)
            {
                return false;
            }
        }
        return true;
    }

    // Fields of proc_pid_stat(5) after the command's closing bracket: 0 is the state, 19 the start in ticks since boot.
    private static RunningProcess? FromProc(int pid)
    {
        string stat = File.ReadAllText($"/proc/{pid.ToString(CultureInfo.InvariantCulture)}/stat");
        string[] fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        string boot = File.ReadAllText("/proc/sys/kernel/random/boot_id")[..8];
        return fields[0] is "Z" or "X" ? null : new RunningProcess(pid, $"{boot}-{fields[19]}");
    }

    private static RunningProcess FromSystem(int pid)
    {
        using var process = Process.GetProcessById(pid);
        return new RunningProcess(pid, process.StartTime.ToUniversalTime().ToString("O", CultureInfo.InvariantCulture));
    }
}
