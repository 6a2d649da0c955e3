using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using BookSaga.Launcher.Postgres;
using BookSaga.Launcher.Processes;

namespace BookSaga.Launcher.RabbitMq;

/// <summary>
/// A private RabbitMQ node in the data folder, never the system's own: on loopback, with its own cookie, home and name server (epmd, the
/// daemon by which Erlang's nodes find each other), so that it meets no other node of the machine.
/// </summary>
internal sealed class RabbitMqNode
{
    private const string User = "booksaga";
    private const string NodeName = "booksaga@localhost"; // part of where its data is, so not of the ports, which may change
    private static readonly TimeSpan StartLimit = TimeSpan.FromMinutes(3); // on a busy machine a minute is not enough

    private readonly RabbitMqBinaries _binaries;
    private readonly ServerUser _user;
    private readonly string _folder;
    private readonly string _password;
    private readonly BrokerPorts _ports;

    private RabbitMqNode(RabbitMqBinaries binaries, ServerUser user, string folder, string password, BrokerPorts ports) =>
        (_binaries, _user, _folder, _password, _ports) = (binaries, user, folder, password, ports);

    /// <summary>Where clients connect.</summary>
    internal string Url => string.Create(CultureInfo.InvariantCulture, $"amqp://{User}:{_password}@127.0.0.1:{_ports.Amqp}");

    /// <summary>Opens the node of <paramref name="workspace"/>, made at its first use.</summary>
    /// <param name="workspace">Its data folder holds the node's.</param>
    /// <param name="secrets">Keeps the password and the cookie.</param>
    /// <param name="ports">Where it listens.</param>
    /// <param name="say">Told what takes time.</param>
    /// <param name="ct">Gives up.</param>
    /// <param name="more">Further lines for its configuration file.</param>
    /// <exception cref="Failure">RabbitMQ is missing.</exception>
    internal static async Task<RabbitMqNode> OpenAsync(Workspace workspace, Secrets secrets, BrokerPorts ports, Action<string> say, CancellationToken ct, params string[] more)
    {
        RabbitMqBinaries binaries = await RabbitMqBinaries.FindAsync(say, ct);
        ServerUser user = await ServerUser.FindAsync(ct);
        string folder = await ServerFolder.ChooseAsync(workspace, PlatformState.RabbitMq, user, ct);
        var node = new RabbitMqNode(binaries, user, folder, secrets["rabbitmq"], ports);
        Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        PrivateFile.Write(node.In(".erlang.cookie"), secrets["rabbitmq-cookie"]);
        PrivateFile.Write(node.In("rabbitmq.conf"), string.Join('\n', [.. RabbitMqSettings.For(ports, User, node._password), .. more, ""]));
        PrivateFile.Write(node.In("enabled_plugins"), "[].\n");
        await user.OwnAsync(folder, ct);
        return node;
    }

    /// <summary>What starts its name server; it has to be there first, else the node starts one that stays behind.</summary>
    internal Command Names() => _user.As(new Command("epmd", ["-port", Text(_ports.Names), "-address", "127.0.0.1"]) { Directory = _folder });

    /// <summary>What starts the node in the foreground, as one process that takes signals itself.</summary>
    internal Command Server() => _user.As(new Command(_binaries.Server, []) { Environment = Environment, Directory = _folder });

    /// <summary>Carries out an administrator's command (<c>rabbitmqctl</c>) on the running node.</summary>
    internal Task<(int Code, string Output)> ControlAsync(CancellationToken ct, params string[] arguments) =>
        _user.As(new Command(_binaries.Control, ["--quiet", .. arguments]) { Environment = Environment, Directory = _folder }).RunAsync(ct);

    /// <summary>All messages in all queues, those included that somebody is at work on; null: nobody knows at the moment.</summary>
    internal async Task<long?> MessagesAsync(CancellationToken ct)
    {
        (int code, string output) = await ControlAsync(ct, "list_queues", "messages", "--no-table-headers");
        return code == 0 ? output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Sum(line => long.Parse(line, CultureInfo.InvariantCulture)) : null;
    }

    /// <summary>Waits until the name server, or the node, takes connections.</summary>
    /// <exception cref="Failure">It does not within three minutes.</exception>
    internal async Task WaitAsync(bool names, string log, CancellationToken ct)
    {
        for (var waited = Stopwatch.StartNew(); !(names ? await ListensAsync(_ports.Names, ct) : await AnswersAsync(_ports.Amqp, ct)); await Task.Delay(TimeSpan.FromMilliseconds(50), ct))
        {
            if (waited.Elapsed > StartLimit)
            {
                throw new Failure($"RabbitMQ did not start within {StartLimit.TotalSeconds:0} s; its log is {log}.");
            }
        }
    }

    /// <summary>Whether a broker at 127.0.0.1 greets: it opens the conversation of AMQP 0-9-1 with a method frame, whose first octet is 1.</summary>
    internal static async Task<bool> AnswersAsync(int port, CancellationToken ct)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
        limit.CancelAfter(TimeSpan.FromSeconds(1));
        try
        {
            using var connection = new TcpClient();
            await connection.ConnectAsync(IPAddress.Loopback, port, limit.Token);
            NetworkStream stream = connection.GetStream();
            await stream.WriteAsync("AMQP\0\0\u0009\u0001"u8.ToArray(), limit.Token);
            return stream.ReadByte() == 1;
        }
        catch (Exception e) when (e is SocketException or IOException || (e is OperationCanceledException && !ct.IsCancellationRequested))
        {
            return false;
        }
    }

    private static async Task<bool> ListensAsync(int port, CancellationToken ct)
    {
        try
        {
            using var connection = new TcpClient();
            await connection.ConnectAsync(IPAddress.Loopback, port, ct);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private Dictionary<string, string> Environment => new()
    {
        ["HOME"] = _folder,
        ["ERL_EPMD_PORT"] = Text(_ports.Names),
        ["ERL_EPMD_ADDRESS"] = "127.0.0.1",
        ["RABBITMQ_NODENAME"] = NodeName,
        ["RABBITMQ_DIST_PORT"] = Text(_ports.Nodes),
        ["RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS"] = "-kernel inet_dist_use_interface {127,0,0,1} -rabbit quorum_tick_interval 500 +S 2:2", // the tick is how old the numbers of list_queues are,
        ["RABBITMQ_MNESIA_BASE"] = In("data"),
        ["RABBITMQ_LOG_BASE"] = In("log"),
        ["RABBITMQ_LOGS"] = "-",
        ["RABBITMQ_CONFIG_FILE"] = In("rabbitmq.conf"),
        ["RABBITMQ_ADVANCED_CONFIG_FILE"] = In("none.config"),
        ["RABBITMQ_CONF_ENV_FILE"] = In("none"),
        ["RABBITMQ_ENABLED_PLUGINS_FILE"] = In("enabled_plugins"),
        // Without it a shell stays in front of the node, and a signal would hit that.
        ["RUNNING_UNDER_SYSTEMD"] = "true",
    };

    private string In(string file) => Path.Combine(_folder, file);

    private static string Text(int port) => port.ToString(CultureInfo.InvariantCulture);
}
