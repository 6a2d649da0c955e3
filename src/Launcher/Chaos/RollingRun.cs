using System.Diagnostics;
using System.Globalization;

namespace BookSaga.Launcher.Chaos;

/// <summary>
/// <c>rolling</c>: a throw-away platform with two replicas of everything, a crowd of clients and companies, and an update of every service, one replica after the
/// other by SIGTERM. Nobody repeats anything: exit code 0 only when no request failed, no saga hangs and the audit finds nothing wrong.
/// </summary>
internal static class RollingRun
{
    // Four times what the crowd's load balancer and the gateways' health checks need to notice.
    private static readonly TimeSpan ShutdownDelay = TimeSpan.FromSeconds(2);

    internal static Task<int> RunAsync() =>
        new ThrowAway { Replicas = Ports.ReplicasFromEnvironment(usual: 2), MailToFiles = true, RestartPause = TimeSpan.FromMilliseconds(50), ShutdownDelay = ShutdownDelay }.RunAsync(RunAsync);

    private static async Task<int> RunAsync(Platform platform, CancellationToken stop)
    {
        var plan = Plan.FromEnvironment();
        string[] services = (Environment.GetEnvironmentVariable("SERVICES") ?? "").Split([',', ' '], StringSplitOptions.RemoveEmptyEntries);
        await platform.StartAsync(stop);
        platform.DeclareReady();
        using var http = new HttpClient(new SocketsHttpHandler { ConnectTimeout = TimeSpan.FromSeconds(2), MaxConnectionsPerServer = 64 }) { Timeout = TimeSpan.FromSeconds(40) };
        var databases = new Databases(platform.PostgresUrl!);
        var tally = new Tally();
        var gateways = new Gateways(platform, http);
        Crowd crowd = await Crowd.GatherAsync(gateways, http, tally, plan.Clients, plan.Seed, patient: true, stop);

        using var load = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var clock = Stopwatch.StartNew();
        var rolling = new Rolling(platform, http);
        Task watching = gateways.WatchAsync(load.Token);
        Task people = crowd.RunAsync(load.Token);
        try
        {
            await rolling.RunAsync(services, stop);
        }
        finally
        {
            await load.CancelAsync();
            await Task.WhenAll(people, watching);
        }
        await Quiet.WaitAsync(databases, platform.Broker, stop);
        var settle = new Settle(tally);
        return Report(plan, clock.Elapsed, rolling, tally, await new Audit(databases, tally, settle, platform.Broker, platform.Logs).RunAsync());
    }

    private static int Report(Plan plan, TimeSpan took, Rolling rolling, Tally tally, IReadOnlyList<(string What, long Count)> found)
    {
        int failed = tally.Statuses.Where(s => s.Key is 0 or 401 or 429 or >= 500).Sum(s => s.Value);
        (string What, long Count)[] wrong = [("requests that failed (no answer, 401, 429 or 5xx)", failed), .. found.Where(f => f.Count > 0)];
        Console.WriteLine(FormattableString.Invariant($"""

            {plan.Mode}, {plan.Transport}: {rolling.Count} restarts by SIGTERM in {took.TotalSeconds:0} s, {plan.Replicas} replicas; the longest took {rolling.LongestStop.TotalSeconds:0.0} s to end
              requests     {tally.Statuses.Values.Sum()}: {string.Join(", ", tally.Statuses.OrderBy(s => s.Key).Select(s => $"{(s.Key == 0 ? "none" : s.Key.ToString(CultureInfo.InvariantCulture))} × {s.Value}"))}
              bookings     {tally.Tried} tried, {tally.Paid} told paid, {tally.Failed} told failed, {tally.Unknown} without an answer

            """));
        foreach ((string what, long count) in wrong)
        {
            Console.WriteLine($"  {count,6}  {what}");
        }
        bool good = wrong.Sum(w => w.Count) == 0;
        Console.WriteLine(good ? "\nNothing failed, nothing hangs, nothing is wrong." : "\nWRONG.");
        return good ? 0 : 1;
    }
}
