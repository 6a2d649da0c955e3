using BookSaga.Launcher.Processes;

namespace BookSaga.Launcher;

/// <summary>Where things are: the clone, the built services beside this program, and the data folder.</summary>
/// <param name="Data">The data folder: <c>.data</c> in the clone, or <c>BOOKSAGA_DATA</c>; a throw-away platform has its own.</param>
internal sealed record Workspace(string Data)
{
    private const long LeastFreeBytes = 300L * 1024 * 1024;

    // Data that need not outlive a power cut is kept in memory where there is this much to spare: a platform's databases are some thousand files, and making and
    // deleting them on a disk takes longer than all else of its start.
    private const string Memory = "/dev/shm";
    private const long EnoughMemoryBytes = 8L * 1024 * 1024 * 1024;

    internal static string Root { get; } = FindRoot();

    internal string Logs => Path.Combine(Data, "logs");

    internal string Mail => Path.Combine(Data, "mail");

    internal string StateFile => Path.Combine(Data, "platform.json");

    internal string SecretsFile => Path.Combine(Data, "secrets.json");

    internal static Workspace Default() =>
        new(Path.GetFullPath(Environment.GetEnvironmentVariable("BOOKSAGA_DATA") is { Length: > 0 } data ? data : Path.Combine(Root, ".data")));

    /// <summary>A new empty data folder that no other run knows of, in memory unless it is to be <paramref name="durable"/>, memory is short or <c>TMPDIR</c> says where.</summary>
    internal static Workspace Temporary(bool durable = false)
    {
        if (durable || Environment.GetEnvironmentVariable("TMPDIR") is { Length: > 0 } || !Directory.Exists(Memory)
            || Math.Min(new DriveInfo(Memory).AvailableFreeSpace, AvailableMemory()) < EnoughMemoryBytes)
        {
            return new(Directory.CreateTempSubdirectory("booksaga-").FullName);
        }
        DeleteLeftovers();
        string folder = Path.Combine(Memory, $"booksaga-{Environment.ProcessId}-{Guid.NewGuid():N}");
        Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return new(folder);
    }

    /// <summary>The built assembly of <paramref name="project"/>, of the same configuration as this program.</summary>
    internal static string Assembly(string project)
    {
        var own = new DirectoryInfo(AppContext.BaseDirectory.TrimEnd('/'));
        return Path.Combine(own.Parent!.Parent!.FullName, project, own.Name, $"BookSaga.{project}.dll");
    }

    /// <summary>When the newest of our assemblies was written.</summary>
    internal static DateTimeOffset Build() =>
        ServiceTable.All.Select(s => s.Project).Append("Launcher").Max(project => new DateTimeOffset(File.GetLastWriteTimeUtc(Assembly(project))));

    internal string Log(string name) => Path.Combine(Logs, name + ".log");

    /// <summary>Makes the folders, closed to other users; root's data folder lets the database server's own user pass through.</summary>
    internal void Create()
    {
        const UnixFileMode own = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
        try
        {
            Make(Data, own | (Posix.IsRoot ? UnixFileMode.GroupExecute | UnixFileMode.OtherExecute : 0));
            Make(Logs, own);
            Make(Mail, own);
            string probe = Path.Combine(Data, ".probe");
            File.WriteAllText(probe, "");
            File.Delete(probe);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new Failure($"The data folder {Data} cannot be written: {e.Message.TrimEnd('.')}.");
        }
        if (new DriveInfo(Data).AvailableFreeSpace < LeastFreeBytes)
        {
            throw new Failure($"The disk of {Data} has less than {LeastFreeBytes >> 20} MB free; make room, or choose another folder: BOOKSAGA_DATA=/path make up.");
        }
    }

    private static void Make(string folder, UnixFileMode mode)
    {
        Directory.CreateDirectory(folder, mode);
        File.SetUnixFileMode(folder, mode); // also of one that was there
    }

    // What a run that was killed has left would take memory until the machine starts again.
    private static void DeleteLeftovers()
    {
        foreach (string folder in Directory.GetDirectories(Memory, "booksaga-*-*"))
        {
            if (int.TryParse(Path.GetFileName(folder).Split('-')[1], out int owner) && !Directory.Exists($"/proc/{owner}"))
            {
                try
                {
                    Directory.Delete(folder, recursive: true);
                }
                catch (Exception e) when (e is IOException or UnauthorizedAccessException)
                {
                    // another user's, or somebody else deletes it at this moment
                }
            }
        }
    }

    private static long AvailableMemory()
    {
        const string Available = "MemAvailable:"; // proc_meminfo(5), in kB
        string? line = File.Exists("/proc/meminfo") ? Array.Find(File.ReadAllLines("/proc/meminfo"), l => l.StartsWith(Available, StringComparison.Ordinal)) : null;
        return line is not null && long.TryParse(line[Available.Length..].Replace("kB", "", StringComparison.Ordinal), out long kilobytes) ? kilobytes * 1024 : 0;
    }

    private static string FindRoot()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "BookSaga.slnx")))
            {
                return folder.FullName;
            }
        }
        throw new Failure("The launcher runs from a clone of the repository; BookSaga.slnx was not found above it.");
    }
}
