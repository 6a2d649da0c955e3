using System.Diagnostics;
using BookSaga.Launcher.Processes;
using BookSaga.Launcher.RabbitMq;
using Npgsql;

namespace BookSaga.Launcher.Chaos;

/// <summary>Carries out a plan's faults on the platform's own processes, known by pid and start time; leaves none frozen.</summary>
internal sealed class Killer(Platform platform, Ports ports, Recovery recovery, HttpClient probe)
{
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan ReturnLimit = TimeSpan.FromSeconds(60);

    private readonly List<Task> _returns = [];
    private int _count;

    /// <summary>Faults so far.</summary>
    internal int Count => _count;

    /// <summary>Hits until the plan or <paramref name="load"/> ends, then waits until everything is back; <paramref name="stop"/> ends the waiting too.</summary>
    internal async Task RunAsync(Plan plan, Stopwatch clock, CancellationToken load, CancellationToken stop)
    {
        try
        {
            foreach (Fault fault in plan.Faults)
            {
                TimeSpan wait = fault.At - clock.Elapsed;
                await Task.Delay(wait > TimeSpan.Zero ? wait : TimeSpan.Zero, load);
                // One that is still down from the last fault is spared.
                if (platform.State.Process(fault.Process)?.Process is { } victim)
                {
                    _returns.Add(HitAsync(fault, victim, stop));
                }
            }
        }
        catch (OperationCanceledException)
        {
            // stopped early; what is frozen is thawed all the same
        }
        await Task.WhenAll(_returns);
    }

    /// <summary>Waits until every process answers.</summary>
    /// <exception cref="Failure">One does not within a minute.</exception>
    internal async Task HealAsync(CancellationToken ct)
    {
        foreach (string name in (string[])[.. ports.Services.Keys, PlatformState.Postgres, .. platform.Broker is null ? [] : (string[])[PlatformState.RabbitMq]])
        {
            if (!await BackAsync(name, ct))
            {
                throw new Failure($"{name} did not come back within {ReturnLimit.TotalSeconds:0} s.");
            }
        }
    }

    private async Task HitAsync(Fault fault, RunningProcess victim, CancellationToken ct)
    {
        Recovery.Wound wound = recovery.Open(fault);
        _count++;
        if (fault.Blow == Blow.Wipe)
        {
            _ = await platform.Broker!.ControlAsync(ct, "close_all_connections", "chaos");
        }
        else
        {
            victim.Signal(fault.Blow switch
            {
                Blow.Kill => Posix.Kill,
                Blow.Freeze => Posix.Stop,
                Blow.Quit => Posix.Quit,
                _ => Posix.Terminate,
            });
        }
        if (fault.Blow == Blow.Freeze)
        {
            await Task.Delay(fault.Pause, ct).ContinueWith(static _ => { }, TaskScheduler.Default);
            victim.Signal(Posix.Continue);
        }
        else if (fault.Blow != Blow.Wipe)
        {
            _ = await victim.WaitForExitAsync(ReturnLimit);
        }
        if (!ct.IsCancellationRequested && await BackAsync(fault.Process, ct))
        {
            wound.Returned();
        }
    }

    private async Task<bool> BackAsync(string name, CancellationToken ct)
    {
        for (var waited = Stopwatch.StartNew(); waited.Elapsed < ReturnLimit && !ct.IsCancellationRequested; await Task.Delay(Poll, CancellationToken.None))
        {
            try
            {
                if (name == PlatformState.Postgres)
                {
                    await using var connection = new NpgsqlConnection(platform.PostgresUrl!.ConnectionString());
                    await connection.OpenAsync(ct);
                    return true;
                }
                if (name == PlatformState.RabbitMq)
                {
                    if (await RabbitMqNode.AnswersAsync(ports.Broker.Amqp, ct))
                    {
                        return true;
                    }
                    continue;
                }
                using HttpResponseMessage answer = await probe.GetAsync(new Uri(ServiceSettings.Address(ports.Services[name].Http) + "/readyz"), ct);
                if (answer.IsSuccessStatusCode)
                {
                    return true;
                }
            }
            catch (Exception e) when (e is HttpRequestException or NpgsqlException or OperationCanceledException or TimeoutException)
            {
                // not yet
            }
        }
        return false;
    }
}
