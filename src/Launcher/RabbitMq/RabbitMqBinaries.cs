using BookSaga.Launcher.Processes;

namespace BookSaga.Launcher.RabbitMq;

/// <summary>An installation of the RabbitMQ server.</summary>
/// <param name="Folder">Where <c>rabbitmq-server</c> and <c>rabbitmqctl</c> are: the programs themselves, not the system's wrappers, which insist on a user of their own.</param>
internal sealed record RabbitMqBinaries(string Folder)
{
    private static readonly string[] Folders = ["/usr/lib/rabbitmq/bin", "/opt/homebrew/opt/rabbitmq/sbin", "/usr/local/opt/rabbitmq/sbin", "/opt/rabbitmq/sbin"];

    internal string Server => Path.Combine(Folder, "rabbitmq-server");

    internal string Control => Path.Combine(Folder, "rabbitmqctl");

    /// <summary>The installation; made by <c>tools/install.sh rabbitmq</c> where there is none.</summary>
    /// <exception cref="Failure">There is none and it could not be made.</exception>
    internal static async Task<RabbitMqBinaries> FindAsync(Action<string> say, CancellationToken ct)
    {
        if (Find() is { } found)
        {
            return found;
        }
        if (Posix.IsRoot)
        {
            say("RabbitMQ is missing; installing the package rabbitmq-server");
        }
        (_, string output) = await new Command("/bin/sh", [Path.Combine(Workspace.Root, "tools", "install.sh"), "rabbitmq"]).RunAsync(ct);
        return Find() ?? throw new Failure(output.Trim().Split('\n')[^1]);
    }

    private static RabbitMqBinaries? Find() =>
        Array.Find(Folders, folder => File.Exists(Path.Combine(folder, "rabbitmq-server"))) is { } folder ? new RabbitMqBinaries(folder) : null;
}
