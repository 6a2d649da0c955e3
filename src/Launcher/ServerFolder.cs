using System.Security.Cryptography;
using System.Text;
using BookSaga.Launcher.Postgres;

namespace BookSaga.Launcher;

/// <summary>Where a server that does not run as root keeps its data: inside the data folder, or, where its user cannot get there, outside.</summary>
internal static class ServerFolder
{
    private const string Outside = "/var/lib/booksaga";
    private const UnixFileMode Passable = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    /// <summary>The folder of <paramref name="server"/>: inside, or where <c>.data/{server}.path</c> says.</summary>
    internal static string Of(Workspace workspace, string server) =>
        File.Exists(Record(workspace, server)) ? File.ReadAllText(Record(workspace, server)).Trim() : Path.Combine(workspace.Data, server);

    /// <summary>Moves it outside where <paramref name="user"/> cannot get inside (a clone in /root), before its first use.</summary>
    internal static async Task<string> ChooseAsync(Workspace workspace, string server, ServerUser user, CancellationToken ct)
    {
        if (!File.Exists(Record(workspace, server)) && !await user.ReachesAsync(workspace.Data, ct))
        {
            string name = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(workspace.Data)))[..12];
            Directory.CreateDirectory(Outside, Passable);
            await File.WriteAllTextAsync(Record(workspace, server), Path.Combine(Outside, server == PlatformState.Postgres ? name : $"{name}-{server}"), ct);
        }
        return Of(workspace, server);
    }

    private static string Record(Workspace workspace, string server) => Path.Combine(workspace.Data, server + ".path");
}
