using System.Diagnostics;
using System.Globalization;
using BookSaga.Launcher;
using BookSaga.Launcher.Chaos;
using BookSaga.Launcher.Processes;

namespace BookSaga.Load;

/// <summary>One run on one platform: limit, bookings in both modes, reads, overload, growth.</summary>
internal sealed class Bench(Plan plan, Platform platform, string folder, Func<Results, Task> save)
{
    private static readonly TimeSpan IdleTime = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan AloneBefore = TimeSpan.FromSeconds(5);

    // Of the processors; and no longer than that.
    private const double QuietShare = 0.05;
    private static readonly TimeSpan QuietLimit = TimeSpan.FromMinutes(2);
    private readonly Databases _databases = new(platform.PostgresUrl!);
    private readonly History _history = new(new Databases(platform.PostgresUrl!));
    private readonly Results _results = new();
    private readonly int _gateway = platform.Ports.Services[ServiceTable.Gateway].Http;
    private Bookings? _bookings;

    internal async Task<Results> RunAsync(double startSeconds, CancellationToken stop)
    {
        using var crowd = new Crowd(_gateway);
        var checks = new Checks(_databases);
        _bookings = new Bookings(_databases, _gateway, crowd, Say);
        _results.StartSeconds = Math.Round(startSeconds, 1);
        await IdleAsync(stop);
        Say("limit: pgbench, five commits of one statement");
        _results.Limit = await new Limit(platform.PostgresUrl!, folder).SagasAsync(plan.Levels.Contains(1) ? [1, 16, 32, 64] : [32], plan.LimitSeconds);
        _results.LimitSagasPerS = Math.Round(_results.Limit.Max(l => l.PerSecond));
        Say($"limit {_results.LimitSagasPerS:N0} sagas/s; registering {plan.Customers} customers");
        await crowd.SignUpAsync(plan.Customers);
        foreach (string mode in (string[])["orchestration", "choreography"])
        {
            await SwitchAsync(mode, stop);
            await BookAsync(mode, crowd, checks);
        }
        await SwitchAsync("orchestration", stop);
        await AtRateAsync(crowd, checks);
        await OverloadAsync(crowd, checks);
        await save(_results);
        await _bookings!.OffersAsync(plan.SearchOffers);
        await QuietAsync();
        await new Reads(platform, _history, plan, folder, crowd, Say).RunAsync(_results);
        await save(_results);
        await GrowAsync(crowd, checks);
        return _results;
    }

    private async Task IdleAsync(CancellationToken stop)
    {
        await Task.Delay(TimeSpan.FromSeconds(plan.SettleSeconds), stop); // what starting has left to do
        Costs before = await Costs.ReadAsync(platform, _databases);
        await Task.Delay(IdleTime, stop);
        Costs after = await Costs.ReadAsync(platform, _databases);
        _results.IdleCpuPercent = Percent(process => process != Costs.Generator && !process.StartsWith("postgres", StringComparison.Ordinal));
        _results.IdlePostgresCpuPercent = Percent(process => process.StartsWith("postgres", StringComparison.Ordinal));
        _results.IdleMemory = Costs.Memory(platform);

        double Percent(Func<string, bool> counts) =>
            Math.Round(after.CpuSince(before).Where(c => counts(c.Process)).Sum(c => c.Seconds) / IdleTime.TotalSeconds / Environment.ProcessorCount * 100, 2);
    }

    private async Task BookAsync(string mode, Crowd crowd, Checks checks)
    {
        await WarmUpAsync(crowd, mode == "orchestration" ? plan.WarmUpSeconds : plan.WarmUpSeconds / 2);
        int first = _results.EndToEnd.Count;
        // Who comes alone is measured last, when the compilers have done their work: they would be beside one booking in a hundred.
        foreach (int connections in plan.Levels.OrderBy(level => level == 1))
        {
            Load load = await LoadAsync(mode, connections, null, crowd, checks);
            _results.EndToEnd.Insert(connections == 1 ? first : _results.EndToEnd.Count, load);
            Say($"{mode}, {connections} at once: {load.PerS:N0} bookings/s, p50 {load.P50:0.0} ms, p99 {load.P99:0.0} ms");
        }
        if (mode == "orchestration")
        {
            // Beside the client that came alone a moment ago: minutes apart, the machine would differ more than the two do.
            _results.LimitAlone = (await new Limit(platform.PostgresUrl!, folder).SagasAsync([1], plan.LimitSeconds)).Single();
            _results.EndToEndBookingsPerS = Math.Round(_results.EndToEnd.Max(l => l.PerS));
            _results.LoadedMemory = Costs.Memory(platform);
            // The first point of the growth; the others come when there is more.
            Load most = _results.EndToEnd.Last(l => l.Connections == Plan.Most);
            _results.Growth.Add(new Growth(await OffersThereAsync(), await FinishedThereAsync(), most.PerS, most.P50, most.P99));
        }
    }

    private async Task AtRateAsync(Crowd crowd, Checks checks)
    {
        await WarmUpAsync(crowd, plan.WarmUpSeconds / 2); // customer has been started again
        foreach (double share in plan.Shares)
        {
            Load load = await LoadAsync("orchestration", Plan.Most * 2, Math.Round(_results.EndToEndBookingsPerS * share), crowd, checks);
            _results.AtRate.Add(load);
            Say($"{load.OfferedPerS:N0} bookings/s offered: {load.PerS:N0} done, p50 {load.P50:0.0} ms, p99 {load.P99:0.0} ms");
        }
    }

    private async Task WarmUpAsync(Crowd crowd, int seconds)
    {
        await _bookings!.OffersAsync(seconds * Plan.Fastest / 2);
        await crowd.RefreshAsync();
        _ = await _bookings!.Load().ClosedAsync(Plan.Most / 2, TimeSpan.FromSeconds(seconds));
    }

    private async Task<Load> LoadAsync(string mode, int connections, double? rate, Crowd crowd, Checks checks)
    {
        await _bookings!.OffersAsync((int)Math.Min(plan.LoadSeconds * (rate ?? Plan.Fastest), connections * 1000.0 * plan.LoadSeconds) + connections);
        await crowd.RefreshAsync();
        if (connections == 1)
        {
            await QuietAsync(); // who comes alone finds nothing beside it, nor the compilers, since where a crowd finds an answer there, one waits for it: other code
            _ = await _bookings!.Load().ClosedAsync(1, AloneBefore);
        }
        await checks.MarkAsync();
        Costs before = await Costs.ReadAsync(platform, _databases);
        var time = TimeSpan.FromSeconds(plan.LoadSeconds);
        Measurement m = rate is { } offered ? await _bookings!.Load().OpenAsync(offered, time, connections) : await _bookings!.Load().ClosedAsync(connections, time);
        Costs after = await Costs.ReadAsync(platform, _databases);
        double lag = await checks.RunAsync(m);
        double each = Math.Max(1, m.Succeeded);
        return new Load(
            mode, connections, rate, Math.Round(m.PerSecond), m.Percentile(0.5), m.Percentile(0.9), m.Percentile(0.99), m.Percentile(0.999), m.Failed + m.Shed, Math.Round(lag, 1),
            after.CpuSince(before).ToDictionary(c => c.Process, c => Math.Round(c.Seconds / each * 1000, 4)),
            Math.Round((after.WalBytes - before.WalBytes) / each), Math.Round((after.DiskBytes - before.DiskBytes) / each));
    }

    // What the loads before have left is done (mails, the auditor's comparisons, the vacuum), or has had its time.
    private async Task QuietAsync()
    {
        var waited = Stopwatch.StartNew();
        double busy;
        do
        {
            Costs before = await Costs.ReadAsync(platform, _databases);
            var look = Stopwatch.StartNew();
            await Task.Delay(TimeSpan.FromSeconds(3));
            busy = (await Costs.ReadAsync(platform, _databases)).CpuSince(before).Sum(c => c.Seconds) / look.Elapsed.TotalSeconds / Environment.ProcessorCount;
        }
        while (busy > QuietShare && waited.Elapsed < QuietLimit);
        Say($"the platform takes {busy * 100:0.0} % of the processors, {waited.Elapsed.TotalSeconds:0} s after the load before");
    }

    // Ten times the clients of the best load: what is refused is refused at once and says when to come again, and the rest goes on.
    private async Task OverloadAsync(Crowd crowd, Checks checks)
    {
        const int Clients = Plan.Most * 10;
        await _bookings!.OffersAsync(plan.LoadSeconds * Plan.Fastest);
        await crowd.RefreshAsync();
        await checks.MarkAsync();
        Measurement m = await _bookings!.Load().ClosedAsync(Clients, TimeSpan.FromSeconds(plan.LoadSeconds));
        _ = await checks.RunAsync(m);
        _results.Overload = new Overload(Clients, Math.Round(m.PerSecond), Math.Round(m.Shed / m.Seconds), m.Failed, m.Polite, m.Percentile(0.99));
        Say($"{Clients} at once: {m.PerSecond:N0} bookings/s, {m.Shed / m.Seconds:N0} refused/s, {m.Failed} failed");
    }

    private async Task GrowAsync(Crowd crowd, Checks checks)
    {
        foreach (long offers in plan.Growth)
        {
            long there = await OffersThereAsync();
            if (offers > there)
            {
                await _bookings!.OffersAsync(offers - there, all: true);
            }
            await GrowthAsync(crowd, checks);
            await save(_results);
        }
        if (plan.History > 0)
        {
            await _history.AddAsync(plan.History, crowd.Ids, Say);
            await _bookings!.OffersAsync(plan.LoadSeconds * Plan.Fastest);
            await GrowthAsync(crowd, checks);
        }
    }

    private async Task GrowthAsync(Crowd crowd, Checks checks)
    {
        (long there, long finished) = (await OffersThereAsync(), await FinishedThereAsync());
        Load load = await LoadAsync("orchestration", Plan.Most, null, crowd, checks);
        _results.Growth.Add(new Growth(there, finished, load.PerS, load.P50, load.P99));
        Say($"{there:N0} offers, {finished:N0} finished sagas: {load.PerS:N0} bookings/s");
    }

    private Task<long> OffersThereAsync() => _databases.CountAsync("booking", "SELECT count(*) FROM offer");

    private Task<long> FinishedThereAsync() => _databases.CountAsync("customer", "SELECT count(*) FROM booking WHERE NOT live");

    private async Task SwitchAsync(string mode, CancellationToken stop)
    {
        Environment.SetEnvironmentVariable("MODE", mode);
        if (platform.State.Process(ServiceTable.Customer)?.Process is not { } customer)
        {
            throw new Failure("customer does not run.");
        }
        await customer.EndAsync(Posix.Terminate, TimeSpan.FromSeconds(20));
        using var http = new HttpClient();
        for (var waited = Stopwatch.StartNew(); waited.Elapsed < TimeSpan.FromMinutes(1); await Task.Delay(TimeSpan.FromMilliseconds(100), stop))
        {
            try
            {
                using HttpResponseMessage ready = await http.GetAsync(new Uri(ServiceSettings.Address(platform.Ports.Services[ServiceTable.Customer].Http) + "/readyz"), stop);
                if (ready.IsSuccessStatusCode)
                {
                    return;
                }
            }
            catch (HttpRequestException)
            {
                // not listening yet
            }
        }
        throw new Failure("customer did not come back.");
    }

    private static void Say(string line) => Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{TimeProvider.System.GetLocalNow():HH:mm:ss} {line}"));
}
