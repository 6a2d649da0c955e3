namespace BookSaga.Launcher.Chaos;

/// <summary>The gateways as a load balancer in front of them sees them: whoever says that it is ready gets requests.</summary>
internal sealed class Gateways
{
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(200);
    private readonly Uri[] _all;
    private readonly HttpClient _probe;
    private volatile Uri[] _ready;

    /// <summary>All of a platform's.</summary>
    /// <param name="platform">Whose.</param>
    /// <param name="probe">Asks them.</param>
    internal Gateways(Platform platform, HttpClient probe)
    {
        _all = [.. platform.Ports.Services.Where(p => p.Key.StartsWith(ServiceTable.Gateway, StringComparison.Ordinal)).Select(p => new Uri(ServiceSettings.Address(p.Value.Http)))];
        _ready = _all;
        _probe = probe;
    }

    /// <summary>One of those that are ready; of all, where none is or nobody asks (<see cref="WatchAsync"/>).</summary>
    internal Uri Pick(Random random) => _ready is { Length: > 0 } ready ? ready[random.Next(ready.Length)] : _all[random.Next(_all.Length)];

    /// <summary>Asks each whether it is ready, until <paramref name="ct"/> ends.</summary>
    internal async Task WatchAsync(CancellationToken ct)
    {
        while (!ct.IsCancellationRequested)
        {
            bool[] answers = await Task.WhenAll(_all.Select(IsReadyAsync));
            _ready = [.. _all.Where((_, i) => answers[i])];
            await Task.Delay(Poll, ct).ContinueWith(static _ => { }, TaskScheduler.Default);
        }
    }

    private async Task<bool> IsReadyAsync(Uri gateway)
    {
        try
        {
            using HttpResponseMessage answer = await _probe.GetAsync(new Uri(gateway, "/readyz"), CancellationToken.None);
            return answer.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }
}
