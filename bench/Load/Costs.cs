using System.Globalization;
using BookSaga.Launcher;
using BookSaga.Launcher.Chaos;

namespace BookSaga.Load;

/// <summary>What has been used so far: CPU seconds by process (PostgreSQL's by database), bytes of WAL and of disk.</summary>
internal sealed record Costs(IReadOnlyDictionary<string, double> Cpu, long WalBytes, long DiskBytes)
{
    /// <summary>The name of this process.</summary>
    internal const string Generator = "load generator";

    private const double TicksPerSecond = 100; // USER_HZ of Linux

    internal static async Task<Costs> ReadAsync(Platform platform, Databases databases)
    {
        long wal = await databases.CountAsync("postgres", "SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')::bigint");
        long disk = await databases.CountAsync("postgres", "SELECT sum(pg_database_size(oid))::bigint FROM pg_database WHERE datname <> 'limit'");
        return new Costs(Processes(platform), wal, disk);
    }

    /// <summary>What was used since <paramref name="before"/>, most first.</summary>
    internal List<(string Process, double Seconds)> CpuSince(Costs before) =>
        [.. Cpu.Select(c => (c.Key, c.Value - before.Cpu.GetValueOrDefault(c.Key))).Where(c => c.Item2 > 0).OrderByDescending(c => c.Item2)];

    /// <summary>Megabytes of each process by proportional set size: shared pages are divided among those that share them.</summary>
    internal static Dictionary<string, double> Memory(Platform platform)
    {
        var memory = platform.State.Processes.Where(p => p.Process is not null && p.Name != PlatformState.Postgres)
            .ToDictionary(p => p.Name, p => Pss(p.Process!.Pid));
        int server = platform.State.Process(PlatformState.Postgres)!.Process!.Pid;
        memory[PlatformState.Postgres] = Pss(server) + Children(server).Sum(child => Pss(child.Pid));
        return memory;
    }

    private static Dictionary<string, double> Processes(Platform platform)
    {
        var cpu = platform.State.Processes.Where(p => p.Process is not null && p.Name != PlatformState.Postgres).ToDictionary(p => p.Name, p => Seconds(Stat(p.Process!.Pid)));
        foreach ((int pid, string title) in Children(platform.State.Process(PlatformState.Postgres)!.Process!.Pid))
        {
            // "postgres: booksaga: user database 127.0.0.1(port) state", or the name of a background process.
            string[] words = title.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            int client = Array.FindIndex(words, w => w.StartsWith("127.0.0.1", StringComparison.Ordinal));
            string key = "postgres: " + (client > 0 ? words[client - 1] : "itself");
            cpu[key] = cpu.GetValueOrDefault(key) + Seconds(Stat(pid));
        }
        cpu[Generator] = Seconds(Stat(Environment.ProcessId));
        return cpu;
    }

    private static IEnumerable<(int Pid, string Title)> Children(int parent)
    {
        foreach (string folder in Directory.GetDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(folder), CultureInfo.InvariantCulture, out int pid) && Stat(pid) is { Length: > 12 } stat && stat[1] == parent.ToString(CultureInfo.InvariantCulture))
            {
                yield return (pid, Read(pid, "cmdline").Replace('\0', ' '));
            }
        }
    }

    // Fields of proc_pid_stat(5) after the command's closing bracket: 1 is the parent, 11 and 12 the ticks used.
    private static string[] Stat(int pid)
    {
        string stat = Read(pid, "stat");
        return stat.Length == 0 ? [] : stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
    }

    private static double Seconds(string[] stat) =>
        stat.Length < 13 ? 0 : (double.Parse(stat[11], CultureInfo.InvariantCulture) + double.Parse(stat[12], CultureInfo.InvariantCulture)) / TicksPerSecond;

    private static double Pss(int pid) =>
        Read(pid, "smaps_rollup").Split('\n').FirstOrDefault(line => line.StartsWith("Pss:", StringComparison.Ordinal)) is { } line
            ? double.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) / 1024
            : 0;

    private static string Read(int pid, string file)
    {
        try
        {
            return File.ReadAllText($"/proc/{pid.ToString(CultureInfo.InvariantCulture)}/{file}");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return ""; // it has ended
        }
    }
}
