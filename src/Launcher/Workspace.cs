using BookSaga.Launcher.Processes;

namespace BookSaga.Launcher;

/// <summary>Where things are: the clone, the built services beside this program, and the data folder.</summary>
/// <param name="Data">The data folder: <c>.data</c> in the clone, or <c>BOOKSAGA_DATA</c>; a throw-away platform has its own.</param>
internal sealed record Workspace(string Data)
{
    private const long LeastFreeBytes = 300L * 1024 * 1024;

    internal static string Root { get; } = FindRoot();

    internal string Logs => Path.Combine(Data, "logs");

    internal string Mail => Path.Combine(Data, "mail");

    internal string StateFile => Path.Combine(Data, "platform.json");

    internal string SecretsFile => Path.Combine(Data, "secrets.json");

    internal static Workspace Default() =>
        new(Path.GetFullPath(Environment.GetEnvironmentVariable("BOOKSAGA_DATA") is { Length: > 0 } data ? data : Path.Combine(Root, ".data")));

    /// <summary>A new empty data folder that no other run knows of.</summary>
    internal static Workspace Temporary() => new(Directory.CreateTempSubdirectory("booksaga-").FullName);

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

    /// <summary>Makes the folders, closed to other users; root's lets the database server's own user pass through.</summary>
    internal void Create()
    {
        UnixFileMode mode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
            | (Posix.IsRoot ? UnixFileMode.GroupExecute | UnixFileMode.OtherExecute : 0);
        try
        {
            Directory.CreateDirectory(Data, mode);
            File.SetUnixFileMode(Data, mode);
            Directory.CreateDirectory(Logs);
            Directory.CreateDirectory(Mail);
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
