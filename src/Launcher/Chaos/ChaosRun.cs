using System.Diagnostics;

namespace BookSaga.Launcher.Chaos;

/// <summary>
/// <c>chaos</c>: a throw-away platform with replicas, a crowd of clients and companies, and a killer; then everything is healed and audited.
/// Exit code 0 only when nothing at all is wrong. Settings: <c>DURATION</c>, <c>SEED</c>, <c>REPLICAS</c>, <c>MODE</c>, <c>TRANSPORT</c>.
/// </summary>
internal static class ChaosRun
{
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
        Crowd crowd = await Crowd.GatherAsync(new Gateways(platform, http), http, tally, plan.Clients, plan.Seed, patient: false, stop);

        var recovery = new Recovery(databases.Address("customer"));
        var killer = new Killer(platform, platform.Ports, recovery, http);
        using var load = CancellationTokenSource.CreateLinkedTokenSource(stop);
        using var watch = CancellationTokenSource.CreateLinkedTokenSource(stop);
        Task watching = recovery.RunAsync(watch.Token);
        var clock = Stopwatch.StartNew();
        load.CancelAfter(plan.Duration);
        Task lines = TellAsync(plan, clock, tally, killer, recovery, load.Token);
        Task people = crowd.RunAsync(load.Token);
        await killer.RunAsync(plan, clock, load.Token, stop);
        await Task.WhenAll(people, lines).WaitAsync(stop);

        Console.WriteLine("healing, then waiting until all is quiet");
        await killer.HealAsync(stop);
        var settle = new Settle(tally);
        await settle.RunAsync(plan, stop);
        await Quiet.WaitAsync(databases, platform.Broker, stop);
        await watch.CancelAsync();
        await watching;
        return await Report.WriteAsync(plan, clock.Elapsed, tally, settle, killer, recovery, await new Audit(databases, tally, settle, platform.Broker, platform.Logs).RunAsync());
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
}
