using System.Diagnostics;
using BookSaga.Launcher.Processes;

namespace BookSaga.Launcher.Chaos;

/// <summary>An update as a cluster does it: of each service one replica after the other is told to stop, and the next one's turn comes when it is ready again.</summary>
internal sealed class Rolling(Platform platform, HttpClient probe)
{
    // From here on load balancers and balancing clients have found the new one.
    private static readonly TimeSpan Settle = TimeSpan.FromSeconds(2.5);
    private static readonly TimeSpan ExitLimit = TimeSpan.FromSeconds(45);
    private static readonly TimeSpan ReadyLimit = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(100);

    /// <summary>How many were restarted.</summary>
    internal int Count { get; private set; }

    /// <summary>The longest that one took from the signal to its end.</summary>
    internal TimeSpan LongestStop { get; private set; }

    /// <summary>Restarts every replica of every service, or of those that <paramref name="services"/> names.</summary>
    /// <exception cref="Failure">One does not end, or does not come back.</exception>
    internal async Task RunAsync(IReadOnlyCollection<string> services, CancellationToken ct)
    {
        foreach (Replica replica in ServiceTable.Replicas(platform.Ports.Replicas).Where(r => services.Count == 0 || services.Contains(r.Service.Name)))
        {
            await RestartAsync(replica.Name, ct);
            Count++;
            await Task.Delay(Settle, ct);
        }
    }

    private async Task RestartAsync(string name, CancellationToken ct)
    {
        RunningProcess old = platform.State.Process(name)?.Process ?? throw new Failure($"{name} does not run.");
        var stopping = Stopwatch.StartNew();
        old.Signal(Posix.Terminate);
        if (!await old.WaitForExitAsync(ExitLimit))
        {
            throw new Failure($"{name} did not end within {ExitLimit.TotalSeconds:0} s of SIGTERM.");
        }
        LongestStop = stopping.Elapsed > LongestStop ? stopping.Elapsed : LongestStop;
        for (var waited = Stopwatch.StartNew(); !await IsReadyAsync(platform.Ports.Services[name].Http); await Task.Delay(Poll, ct))
        {
            if (waited.Elapsed > ReadyLimit)
            {
                throw new Failure($"{name} was not ready within {ReadyLimit.TotalSeconds:0} s of its restart.");
            }
        }
        Console.WriteLine($"  {name,-16} ended and ready again after {stopping.Elapsed.TotalSeconds,4:0.0} s");
    }

    private async Task<bool> IsReadyAsync(int port)
    {
        try
        {
            using HttpResponseMessage answer = await probe.GetAsync(new Uri(ServiceSettings.Address(port) + "/readyz"), CancellationToken.None);
            return answer.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }
}
