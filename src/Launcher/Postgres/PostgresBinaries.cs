using System.Globalization;
using System.Text.RegularExpressions;
using BookSaga.Launcher.Processes;

namespace BookSaga.Launcher.Postgres;

/// <summary>An installation of the PostgreSQL server.</summary>
/// <param name="Folder">Where <c>initdb</c> and <c>postgres</c> are.</param>
/// <param name="Major">Its major version; a cluster is read only by the version that made it.</param>
internal sealed partial record PostgresBinaries(string Folder, int Major)
{
    private const int Oldest = 15;

    private static readonly string[] Homes = ["/usr/lib/postgresql", "/usr/local/pgsql", "/opt/homebrew/opt", "/usr/local/opt"];

    internal string Initdb => Path.Combine(Folder, "initdb");

    internal string Postgres => Path.Combine(Folder, "postgres");

    /// <summary>Another of its programs: beside the server, or beside what the server's name is a link to.</summary>
    /// <exception cref="Failure">The installation has none.</exception>
    internal string Tool(string name) =>
        ((string?[])[Folder, File.ResolveLinkTarget(Postgres, returnFinalTarget: true) is { } real ? Path.GetDirectoryName(real.FullName) : null, .. Homes.Select(home => Path.Combine(home, $"{Major}", "bin"))])
        .OfType<string>().Select(folder => Path.Combine(folder, name)).FirstOrDefault(File.Exists)
        ?? throw new Failure($"PostgreSQL's program {name} is missing: install the package postgresql-client-{Major}.");

    /// <summary>The newest installation from version 15 on, or the one of <paramref name="major"/>; installs Debian's package when root.</summary>
    /// <exception cref="Failure">There is none.</exception>
    internal static async Task<PostgresBinaries> FindAsync(int? major, Action<string> say, CancellationToken ct)
    {
        if (await NewestAsync(major, ct) is { } found)
        {
            return found;
        }
        string wanted = major is null ? $"PostgreSQL {Oldest} or newer" : $"PostgreSQL {major} (the version of the existing data)";
        if (Posix.IsRoot && File.Exists("/usr/bin/apt-get"))
        {
            say($"{wanted} is missing; installing it");
            string[] arguments = [Path.Combine(Workspace.Root, "tools", "install.sh"), "postgresql", .. major is { } version ? [version.ToString(CultureInfo.InvariantCulture)] : Array.Empty<string>()];
            var install = new Command("/bin/sh", arguments);
            (int code, string output) = await install.RunAsync(ct);
            if (code == 0 && await NewestAsync(major, ct) is { } installed)
            {
                return installed;
            }
            throw new Failure($"{wanted} is missing and could not be installed: {output.Trim().Split('\n')[^1]}");
        }
        throw new Failure($"{wanted} is missing: install the package `postgresql`, or name a server with DATABASE_URL=postgres://user:password@host:5432.");
    }

    private static async Task<PostgresBinaries?> NewestAsync(int? major, CancellationToken ct)
    {
        PostgresBinaries? newest = null;
        foreach (string folder in Folders().Distinct().Where(f => File.Exists(Path.Combine(f, "initdb")) && File.Exists(Path.Combine(f, "postgres"))))
        {
            (int code, string output) = await new Command(Path.Combine(folder, "postgres"), ["--version"]).RunAsync(ct);
            if (code == 0 && VersionPattern().Match(output) is { Success: true } match
                && int.Parse(match.Value, CultureInfo.InvariantCulture) is var version
                && (major is null ? version >= Oldest : version == major) && version > (newest?.Major ?? 0))
            {
                newest = new PostgresBinaries(folder, version);
            }
        }
        return newest;
    }

    private static IEnumerable<string> Folders() =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries)
            .Concat(Homes.Where(Directory.Exists).SelectMany(home => Directory.GetDirectories(home).Append(home).Select(d => Path.Combine(d, "bin"))));

    [GeneratedRegex(@"(?<=PostgreSQL\) )\d+")]
    private static partial Regex VersionPattern();
}
