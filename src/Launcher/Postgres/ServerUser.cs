using BookSaga.Launcher.Processes;

namespace BookSaga.Launcher.Postgres;

/// <summary>Who the PostgreSQL server runs as: it refuses root, so root hands it to an unprivileged user; anyone else runs it as themselves.</summary>
/// <param name="Name">The user's name; null: no change of user.</param>
/// <param name="Group">Its group's id.</param>
internal sealed record ServerUser(string? Name, string Group)
{
    private static readonly string[] Candidates = ["postgres", "nobody"];

    internal static async Task<ServerUser> FindAsync(CancellationToken ct)
    {
        if (!Posix.IsRoot)
        {
            return new ServerUser(null, "");
        }
        foreach (string name in Candidates)
        {
            (int code, string group) = await new Command("id", ["-g", name]).RunAsync(ct);
            if (code == 0)
            {
                var user = new ServerUser(name, group.Trim());
                return (await user.As(new Command("true", [])).RunAsync(ct)).Code == 0
                    ? user
                    : throw new Failure("PostgreSQL refuses to run as root, and setpriv, which would change the user, does not work here; start as an ordinary user.");
            }
        }
        throw new Failure("PostgreSQL refuses to run as root, and neither the user postgres nor nobody exists; start as an ordinary user.");
    }

    /// <summary>The same command, run as this user.</summary>
    internal Command As(Command command) => Name is null
        ? command
        : command with { File = "setpriv", Arguments = [$"--reuid={Name}", $"--regid={Group}", "--clear-groups", "--", command.File, .. command.Arguments] };

    /// <summary>Whether this user can pass through to <paramref name="folder"/>.</summary>
    internal async Task<bool> ReachesAsync(string folder, CancellationToken ct) =>
        Name is null || (await As(new Command("test", ["-x", folder])).RunAsync(ct)).Code == 0;

    /// <summary>Gives files made by this program to the user.</summary>
    internal async Task OwnAsync(string path, CancellationToken ct)
    {
        if (Name is not null && await new Command("chown", ["-R", $"{Name}:{Group}", path]).RunAsync(ct) is { Code: not 0 } failed)
        {
            throw new Failure($"{path} could not be given to the user {Name}: {failed.Output.Trim()}");
        }
    }
}
