using System.Net;
using System.Net.NetworkInformation;
using BookSaga.Launcher.Processes;
using BookSaga.Launcher.RabbitMq;

namespace BookSaga.Launcher.Tests;

public sealed class RabbitMqNodeTests
{
    [Fact]
    public async Task A_node_listens_on_loopback_only_keeps_its_queues_over_kill_9_and_other_ports_and_leaves_nothing_running()
    {
        CancellationToken ct = TestContext.Current.CancellationToken;
        using var folder = new TemporaryFolder();
        folder.Workspace.Create();
        var secrets = new Secrets(folder.Workspace.SecretsFile);
        BrokerPorts ports = Ports.Choose(gateway: null, before: null).Broker;

        (RabbitMqNode node, Child names, Child server) = await StartAsync(folder, secrets, ports, ct);
        int[] ours = [ports.Amqp, ports.Names, ports.Nodes];
        IPEndPoint[] listening = [.. IPGlobalProperties.GetIPGlobalProperties().GetActiveTcpListeners().Where(l => ours.Contains(l.Port))];
        listening.Select(l => l.Port).Distinct().ShouldBe(ours, ignoreOrder: true);
        listening.ShouldAllBe(l => IPAddress.IsLoopback(l.Address));
        (await node.ControlAsync(ct, "eval", "rabbit_amqqueue:declare(rabbit_misc:r(<<\"/\">>, queue, <<\"kept\">>), true, false, [{<<\"x-queue-type\">>, longstr, <<\"quorum\">>}], none, <<\"test\">>).")).Code.ShouldBe(0);
        server.Current!.Signal(Posix.Kill);
        await names.StopAsync(Posix.Terminate, TimeSpan.FromSeconds(10));
        await server.StopAsync(Posix.Terminate, TimeSpan.FromSeconds(10));

        ports = Ports.Choose(gateway: null, before: null).Broker;
        (node, names, server) = await StartAsync(folder, secrets, ports, ct);

        (await node.ControlAsync(ct, "list_queues", "name", "--no-table-headers")).Output.ShouldContain("kept");
        (await node.MessagesAsync(ct)).ShouldBe(0);
        RunningProcess[] all = [names.Current!, server.Current!];
        await server.StopAsync(Posix.Terminate, TimeSpan.FromSeconds(20));
        await names.StopAsync(Posix.Terminate, TimeSpan.FromSeconds(10));
        all.ShouldAllBe(process => !process.IsAlive());
        (await RabbitMqNode.AnswersAsync(ports.Amqp, ct)).ShouldBeFalse();
    }

    private static async Task<(RabbitMqNode Node, Child Names, Child Server)> StartAsync(TemporaryFolder folder, Secrets secrets, BrokerPorts ports, CancellationToken ct)
    {
        RabbitMqNode node = await RabbitMqNode.OpenAsync(folder.Workspace, secrets, ports, static _ => { }, ct);
        Child names = Start("epmd", node.Names);
        await node.WaitAsync(names: true, names.Log, ct);
        Child server = Start("rabbitmq", node.Server);
        await node.WaitAsync(names: false, server.Log, ct);
        return (node, names, server);

        Child Start(string name, Func<Command> command)
        {
            var child = new Child(name, command, folder.Workspace.Log(name), static _ => { }, static () => { });
            child.Start();
            return child;
        }
    }
}
