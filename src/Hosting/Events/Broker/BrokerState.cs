using System.Diagnostics.Metrics;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace BookSaga.Hosting.Events.Broker;

/// <summary>What is known of the broker: whether this process is at its queues, and how much waits in them. Without the broker the service is ready all the same.</summary>
internal sealed class BrokerState : IHealthCheck
{
    private volatile string? _away = "not connected yet";
    private volatile Counts _counts = new(0, 0, 0);

    public BrokerState(IMeterFactory meters) => meters.Create("BookSaga.Events").CreateObservableGauge(
        "booksaga.broker.waiting", Measure, "{event}", "Events in this service's queues of the broker, as the broker says.");

    /// <summary>Whether the process is at its queues.</summary>
    internal bool WasHere => _away is null;

    /// <summary>Events that nobody has taken yet.</summary>
    internal long Waiting => _counts.Main;

    /// <summary>Refused events that wait for another try.</summary>
    internal long Refused => _counts.Retry;

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(_away is { } reason ? HealthCheckResult.Degraded("broker unreachable: " + reason) : HealthCheckResult.Healthy());

    internal void Enter() => _away = null;

    internal void Leave(string reason) => _away = reason;

    internal void Measured(long main, long retry, long dead) => _counts = new(main, retry, dead);

    // The last numbers of a broker that is away say nothing.
    private IEnumerable<Measurement<long>> Measure()
    {
        Counts counts = _counts;
        return WasHere
            ? [Of(counts.Main, "main"), Of(counts.Retry, "retry"), Of(counts.Dead, "dead")]
            : [];
    }

    private static Measurement<long> Of(long count, string queue) => new(count, new KeyValuePair<string, object?>("queue", queue));

    private sealed record Counts(long Main, long Retry, long Dead);
}
