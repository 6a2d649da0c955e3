using System.Diagnostics;
using System.Globalization;
using BookSaga.Launcher.RabbitMq;

namespace BookSaga.Launcher.Chaos;

/// <summary>
/// <c>chaos</c>: a throw-away platform with replicas, a crowd of clients and companies, and a killer; then everything is healed and audited.
/// Exit code 0 only when nothing at all is wrong. Settings: <c>DURATION</c>, <c>SEED</c>, <c>REPLICAS</c>, <c>MODE</c>, <c>TRANSPORT</c>.
/// </summary>
internal static class ChaosRun
{
    private const int Clients = 16;
    private const int Merchants = 3;
    private static readonly TimeSpan QuietLimit = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Line = TimeSpan.FromSeconds(5);

    internal static Task<int> RunAsync()
    {
        var plan = Plan.FromEnvironment();
        Console.WriteLine($"seed {plan.Seed}; the same faults again: {plan.Replay}");
        return new ThrowAway { Replicas = plan.Replicas, MailToFiles = true, RestartPause = TimeSpan.FromMilliseconds(200) }
            .RunAsync((platform, stop) => RunAsync(plan, platform, stop));
    }

    private static async Task<int> RunAsync(Plan plan, Platform platform, CancellationToken stop)
    {
        await platform.StartAsync(stop);
        platform.DeclareReady();
        using var http = new HttpClient(new SocketsHttpHandler { ConnectTimeout = TimeSpan.FromSeconds(2), MaxConnectionsPerServer = 64 }) { Timeout = TimeSpan.FromSeconds(40) };
        var databases = new Databases(platform.PostgresUrl!);
        var tally = new Tally();
        var board = new Board();
        (Client[] clients, Merchant[] merchants) = People(plan, platform, http, tally, board);
        foreach (Merchant merchant in merchants)
        {
            await merchant.PrepareAsync(stop);
        }
        await Parallel.ForEachAsync(clients, new ParallelOptions { MaxDegreeOfParallelism = 4, CancellationToken = stop }, async (client, ct) => await client.PrepareAsync(ct));

        var recovery = new Recovery(databases.Address("customer"));
        var killer = new Killer(platform, platform.Ports, recovery, http);
        using var load = CancellationTokenSource.CreateLinkedTokenSource(stop);
        using var watch = CancellationTokenSource.CreateLinkedTokenSource(stop);
        Task watching = recovery.RunAsync(watch.Token);
        var clock = Stopwatch.StartNew();
        load.CancelAfter(plan.Duration);
        Task lines = TellAsync(plan, clock, tally, killer, recovery, load.Token);
        Task crowd = Task.WhenAll([.. clients.Select(c => c.RunAsync(load.Token)), .. merchants.Select(m => m.RunAsync(load.Token))]);
        await killer.RunAsync(plan, clock, load.Token, stop);
        await Task.WhenAll(crowd, lines).WaitAsync(stop);

        Console.WriteLine("healing, then waiting until all is quiet");
        await killer.HealAsync(stop);
        var settle = new Settle(tally);
        await settle.RunAsync(plan, stop);
        await QuietAsync(databases, platform.Broker, stop);
        await watch.CancelAsync();
        await watching;
        return await Report.WriteAsync(plan, clock.Elapsed, tally, settle, killer, recovery, await new Audit(databases, tally, settle, platform.Broker, platform.Logs).RunAsync());
    }

    private static (Client[] Clients, Merchant[] Merchants) People(Plan plan, Platform platform, HttpClient http, Tally tally, Board board)
    {
        Uri[] gateways = [.. platform.Ports.Services.Where(p => p.Key.StartsWith(ServiceTable.Gateway, StringComparison.Ordinal)).Select(p => new Uri(ServiceSettings.Address(p.Value.Http)))];
        Person Person(string kind, int number) => new(gateways, http, tally, new Random((plan.Seed * 1000) + number), kind, $"{kind}.{number.ToString(CultureInfo.InvariantCulture)}@example.com");
        return (
            [.. Enumerable.Range(0, Clients).Select(i => new Client(Person("customer", i), board, tally))],
            [.. Enumerable.Range(Clients, Merchants).Select(i => new Merchant(Person("company", i), board, tally))]);
    }

    private static async Task TellAsync(Plan plan, Stopwatch clock, Tally tally, Killer killer, Recovery recovery, CancellationToken ct)
    {
        while (!ct.IsCancellationRequested)
        {
            await Task.Delay(Line, ct).ContinueWith(static _ => { }, TaskScheduler.Default);
            Console.WriteLine(
                $"{clock.Elapsed.TotalSeconds,5:0} of {plan.Duration.TotalSeconds:0} s   tried {tally.Tried,6}   paid {tally.Paid,6}   failed {tally.Failed,6}   "
                + $"unknown {tally.Unknown,5}   faults {killer.Count,4}   live sagas {recovery.Live,4}");
        }
    }

    // No live saga, no event under way, no mail waiting; what is left after the limit is counted by the audit.
    private static async Task QuietAsync(Databases databases, RabbitMqNode? broker, CancellationToken ct)
    {
        // An event may be on its way between a database and the broker at the moment of looking at either.
        int needed = broker is null ? 1 : 5;
        for (var (waited, quiet) = (Stopwatch.StartNew(), 0); quiet < needed && waited.Elapsed < QuietLimit; await Task.Delay(TimeSpan.FromMilliseconds(200), ct))
        {
            quiet = await IsQuietAsync(databases, broker, ct) ? quiet + 1 : 0;
        }
    }

    private static async Task<bool> IsQuietAsync(Databases databases, RabbitMqNode? broker, CancellationToken ct) =>
        await databases.CountAsync("customer", "SELECT (SELECT count(*) FROM booking WHERE live) + (SELECT count(*) FROM cancellation WHERE live) + (SELECT count(*) FROM outbox)") == 0
        && (await Task.WhenAll(((string[])["company", "booking", "payment"]).Select(d => databases.CountAsync(d, "SELECT count(*) FROM outbox")))).Sum() == 0
        && await databases.CountAsync("notification", "SELECT (SELECT count(*) FROM mail WHERE state = 'waiting') + (SELECT count(*) FROM received WHERE payload IS NOT NULL)") == 0
        && (broker is null || await broker.MessagesAsync(ct) == 0);
}
