using System.Diagnostics;
using BookSaga.Launcher;
using BookSaga.Launcher.Processes;
using BookSaga.Launcher.RabbitMq;
using BookSaga.Launcher.Verbs;

namespace BookSaga.Testing;

/// <summary>A real broker of its own, the launcher's: killed, paused and cut off at will, and gone at the end.</summary>
public sealed class TestBroker : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private readonly Workspace _workspace;
    private readonly RabbitMqNode _node;
    private readonly RunningProcess _names;
    private RunningProcess _server;

    private TestBroker(Workspace workspace, RabbitMqNode node, RunningProcess names, RunningProcess server, int port)
    {
        (_workspace, _node, _names, _server, Port) = (workspace, node, names, server, port);
        // A test run that is ended from outside leaves nothing running.
        AppDomain.CurrentDomain.ProcessExit += (_, _) => KillAll();
    }

    /// <summary>For the setting <c>Events:RabbitMq:Url</c>.</summary>
    public string Url => _node.Url;

    public int Port { get; }

    /// <param name="configuration">Further lines for its <c>rabbitmq.conf</c>.</param>
    public static async Task<TestBroker> StartAsync(params string[] configuration)
    {
        var workspace = Workspace.Temporary();
        workspace.Create();
        BrokerPorts ports = Ports.Choose(gateway: null, before: null).Broker;
        RabbitMqNode node = await RabbitMqNode.OpenAsync(workspace, new Secrets(workspace.SecretsFile), ports, static _ => { }, CancellationToken.None, configuration);
        RunningProcess names = Start(node.Names(), workspace.Log(PlatformState.Epmd));
        await node.WaitAsync(names: true, workspace.Log(PlatformState.Epmd), CancellationToken.None);
        var broker = new TestBroker(workspace, node, names, Start(node.Server(), workspace.Log(PlatformState.RabbitMq)), ports.Amqp);
        await broker.GreetsAsync();
        return broker;
    }

    /// <summary>SIGKILL: whatever it had not written is lost.</summary>
    public async Task KillAsync()
    {
        _server.Signal(Posix.Kill);
        await _server.WaitForExitAsync(Patience);
    }

    /// <summary>On the data it had when it ended.</summary>
    public async Task StartAgainAsync()
    {
        _server = Start(_node.Server(), _workspace.Log(PlatformState.RabbitMq));
        await GreetsAsync();
    }

    /// <summary>SIGSTOP: connections stand, and nobody answers.</summary>
    public void Pause() => _server.Signal(Posix.Stop);

    public void Resume() => _server.Signal(Posix.Continue);

    public Task CloseConnectionsAsync() => ControlAsync("close_all_connections", "test");

    /// <summary><c>rabbitmqctl</c>; gives what it printed.</summary>
    public async Task<string> ControlAsync(params string[] arguments)
    {
        (int code, string output) = await _node.ControlAsync(CancellationToken.None, arguments);
        return code == 0 ? output : throw new InvalidOperationException(output);
    }

    public async ValueTask DisposeAsync()
    {
        KillAll();
        await _server.WaitForExitAsync(Patience);
        await _names.WaitForExitAsync(Patience);
        Reset.Delete(_workspace);
    }

    private static RunningProcess Start(Command command, string log)
    {
        using Process process = command.StartLogged(log);
        return RunningProcess.Of(process.Id) ?? new RunningProcess(process.Id, "");
    }

    private Task GreetsAsync() => _node.WaitAsync(names: false, _workspace.Log(PlatformState.RabbitMq), CancellationToken.None);

    private void KillAll()
    {
        _server.Signal(Posix.Kill);
        _names.Signal(Posix.Kill);
    }
}
