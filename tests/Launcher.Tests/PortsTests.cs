using System.Net;
using System.Net.Sockets;

namespace BookSaga.Launcher.Tests;

public sealed class PortsTests
{
    [Fact]
    public void All_ports_of_a_platform_differ()
    {
        var ports = Ports.Choose(gateway: null, before: null);

        int[] all = [ports.Broker.Amqp, ports.Broker.Names, ports.Broker.Nodes, ports.Postgres, ports.Smtp, ports.MailWeb, .. ports.Services.Values.Select(p => p.Http), .. ports.Services.Values.Where(p => p.Grpc is not null).Select(p => p.Grpc!.Value)];
        all.ShouldBeUnique();
    }

    [Fact]
    public void The_ports_of_the_last_run_are_taken_again()
    {
        var first = Ports.Choose(gateway: null, before: null);
        var state = new PlatformState
        {
            Processes = [.. first.Services.Select(s => new ProcessState(s.Key, null, s.Value.Http, s.Value.Grpc, 0, s.Value.Metrics)), new ProcessState("postgres", null, first.Postgres, null, 0), new ProcessState("rabbitmq", null, first.Broker.Amqp, null, 0)],
        };

        var second = Ports.Choose(gateway: null, state);

        second.Postgres.ShouldBe(first.Postgres);
        second.Broker.Amqp.ShouldBe(first.Broker.Amqp);
        second.Services.ShouldBe(first.Services, ignoreOrder: true);
    }

    [Fact]
    public void A_port_in_use_is_not_taken_even_if_it_was_ours_before()
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        int busy = ((IPEndPoint)other.LocalEndpoint).Port;

        FreePort.IsFree(busy).ShouldBeFalse();
        FreePort.Take(new HashSet<int>(), preferred: busy).ShouldNotBe(busy);
    }

    [Fact]
    public void A_port_that_another_process_was_given_is_not_taken_while_nobody_listens_there()
    {
        using var other = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0)); // as another process holds it
        int given = ((IPEndPoint)other.Client.LocalEndPoint!).Port;

        FreePort.IsFree(given).ShouldBeTrue();
        FreePort.Take(new HashSet<int>(), preferred: given).ShouldNotBe(given);
    }

    [Fact]
    public void A_port_that_was_given_is_held_for_its_owner()
    {
        int given = FreePort.Take(new HashSet<int>());

        Should.Throw<SocketException>(() => new UdpClient(new IPEndPoint(IPAddress.Loopback, given)));
        FreePort.Take(new HashSet<int>(), preferred: given).ShouldBe(given);
    }
}
