using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace BookSaga.Hosting.Tests.Events;

/// <summary>A broker of its own that is killed, paused, cut off and filled. Nothing is lost, and nothing takes effect twice.</summary>
[Collection(OneByOne.Name)]
public sealed class BrokerFaultTests(Servers servers, BrokerFaultTests.Victim victim) : IClassFixture<BrokerFaultTests.Victim>
{
    private readonly TestBroker _broker = victim.Broker;

    [Fact]
    public async Task A_broker_that_is_killed_twice_under_load_loses_nothing()
    {
        await using Wire wire = await Wire.OpenAsync(servers, broker: true, _broker);

        await UnderLoadAsync(wire, async () =>
        {
            await _broker.KillAsync();
            await _broker.StartAgainAsync();
        });

        await wire.ArrivedAsync(3000);
    }

    [Fact]
    public async Task A_broker_that_stands_still_for_longer_than_anybody_waits_loses_nothing()
    {
        await using Wire wire = await Wire.OpenAsync(servers, broker: true, _broker);

        await UnderLoadAsync(wire, async () =>
        {
            _broker.Pause();
            // Longer than the confirmation is waited for: the relay has to give up and send again.
            await Task.Delay(TimeSpan.FromSeconds(3));
            _broker.Resume();
        });

        await wire.ArrivedAsync(3000);
    }

    [Fact]
    public async Task A_broker_that_closes_every_connection_again_and_again_loses_nothing()
    {
        await using Wire wire = await Wire.OpenAsync(servers, broker: true, _broker);

        await UnderLoadAsync(wire, async () =>
        {
            for (int i = 0; i < 3; i++)
            {
                await _broker.CloseConnectionsAsync();
            }
        });

        await wire.ArrivedAsync(3000);
    }

    [Fact]
    public async Task Queues_that_somebody_deletes_are_made_again_and_what_was_not_in_them_arrives()
    {
        await using Wire wire = await Wire.OpenAsync(servers, broker: true, _broker);
        await wire.RecordAsync(1, 10);
        await wire.ArrivedAsync(10);

        await _broker.ControlAsync("delete_queue", wire.Settings["Events:RabbitMq:Prefix"] + ".receiver");
        await wire.RecordAsync(11, 10);

        await wire.ArrivedAsync(20);
    }

    [Fact]
    public async Task While_the_broker_is_away_services_are_ready_say_so_and_the_backlog_drains_in_order_with_bounded_memory()
    {
        const int Count = 4000;
        const int Bytes = 10_000;
        await using Wire wire = await Wire.CreateAsync(servers, broker: true, _broker);
        await _broker.KillAsync();
        Peer sender = await wire.AddSenderAsync();
        Peer receiver = await wire.AddReceiverAsync();
        (await HealthAsync(receiver)).Status.ShouldBe(HealthStatus.Degraded);
        (await HealthAsync(sender)).Status.ShouldBe(HealthStatus.Healthy);
        using (var http = new HttpClient())
        {
            (await http.GetStringAsync($"http://127.0.0.1:{receiver.HttpPort}/readyz")).ShouldContain("broker unreachable");
        }
        await wire.RecordAsync(1, Count, bytes: Bytes);
        (await wire.WaitingAsync()).ShouldBe(Count);
        long before = GC.GetTotalMemory(forceFullCollection: true);

        await _broker.StartAgainAsync();
        long most = 0;
        await Until.TrueAsync(async () =>
        {
            most = Math.Max(most, GC.GetTotalMemory(forceFullCollection: true));
            return await wire.EffectsAsync() == Count;
        });

        await wire.ArrivedAsync(Count);
        wire.Consumer.Came.ShouldBe(Enumerable.Range(1, Count));
        // The backlog is 40 MB; both sides and their buffers are in this process, and so are other tests.
        (most - before).ShouldBeLessThan(Count * (long)Bytes * 3 / 4);
    }

    [Fact]
    public async Task A_consumer_that_does_not_get_on_holds_no_more_than_its_prefetch()
    {
        await using Wire wire = await Wire.CreateAsync(servers, broker: true, _broker);
        wire.Settings["Events:RabbitMq:Prefetch"] = "50";
        var stuck = new TaskCompletionSource();
        wire.Consumer.Before = _ => stuck.Task;
        await wire.AddReceiverAsync();
        await wire.AddSenderAsync();
        await wire.RecordAsync(1, 1000);

        await Until.TrueAsync(async () => await wire.WaitingAsync() == 0 && await UnacknowledgedAsync(wire) == 50);
        wire.Consumer.Came.Count.ShouldBeLessThanOrEqualTo(50);
        stuck.SetResult();

        await wire.ArrivedAsync(1000);
    }

    // 3,000 events in ten commits, with the fault after the third and after the seventh.
    private static async Task UnderLoadAsync(Wire wire, Func<Task> fault)
    {
        for (int i = 0; i < 10; i++)
        {
            await wire.RecordAsync(i * 300, 300);
            if (i is 3 or 7)
            {
                await fault();
            }
        }
    }

    private static Task<HealthReport> HealthAsync(Peer peer) => peer.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync();

    /// <summary>The broker that is harmed.</summary>
    public sealed class Victim : IAsyncLifetime
    {
        public TestBroker Broker { get; private set; } = null!;

        public async ValueTask InitializeAsync() => Broker = await TestBroker.StartAsync();

        public ValueTask DisposeAsync() => Broker.DisposeAsync();
    }

    private async Task<long> UnacknowledgedAsync(Wire wire)
    {
        string rows = await _broker.ControlAsync("list_queues", "name", "messages_unacknowledged", "--no-table-headers");
        return rows.Split('\n').Select(row => row.Split('\t')).Where(row => row[0] == wire.Settings["Events:RabbitMq:Prefix"] + ".receiver")
            .Sum(row => long.Parse(row[1], CultureInfo.InvariantCulture));
    }
}
