namespace BookSaga.Load;

/// <summary>What came of one load.</summary>
/// <param name="Seconds">How long it ran.</param>
/// <param name="Statuses">How often each status came; 0: no answer.</param>
/// <param name="Latencies">Microseconds of every successful answer, sorted.</param>
/// <param name="Polite">Whether every 429 and 503 said when to come again.</param>
internal sealed record Measurement(double Seconds, IReadOnlyDictionary<int, int> Statuses, int[] Latencies, bool Polite)
{
    internal int Succeeded => Latencies.Length;

    internal int Answered => Statuses.Values.Sum();

    /// <summary>Everything that is neither a success nor a refusal for overload.</summary>
    internal int Failed => Statuses.Where(s => s.Key is not (200 or 429 or 503)).Sum(s => s.Value);

    internal int Shed => Statuses.GetValueOrDefault(429) + Statuses.GetValueOrDefault(503);

    internal double PerSecond => Succeeded / Seconds;

    /// <summary>This load and another one as one.</summary>
    internal Measurement With(Measurement other)
    {
        int[] latencies = [.. Latencies, .. other.Latencies];
        Array.Sort(latencies);
        var statuses = Statuses.Concat(other.Statuses).GroupBy(s => s.Key).ToDictionary(g => g.Key, g => g.Sum(s => s.Value));
        return new Measurement(Seconds + other.Seconds, statuses, latencies, Polite && other.Polite);
    }

    /// <summary>Milliseconds below which <paramref name="share"/> of the successful answers came.</summary>
    internal double Percentile(double share) =>
        Latencies.Length == 0 ? 0 : Latencies[Math.Min(Latencies.Length - 1, (int)Math.Ceiling(share * Latencies.Length) - 1)] / 1000.0;
}

/// <summary>The answers that one connection got.</summary>
internal sealed class Answers
{
    private readonly Dictionary<int, int> _statuses = [];
    private readonly List<int> _latencies = [];
    private bool _polite = true;

    internal void Add(int status, TimeSpan latency, bool retryAfter)
    {
        _statuses[status] = _statuses.GetValueOrDefault(status) + 1;
        if (status == 200)
        {
            _latencies.Add((int)latency.TotalMicroseconds);
        }
        else if (status is 429 or 503)
        {
            _polite &= retryAfter;
        }
    }

    internal static Measurement Sum(IReadOnlyList<Answers> all, TimeSpan elapsed)
    {
        int[] latencies = [.. all.SelectMany(a => a._latencies)];
        Array.Sort(latencies);
        var statuses = all.SelectMany(a => a._statuses).GroupBy(s => s.Key).ToDictionary(g => g.Key, g => g.Sum(s => s.Value));
        return new Measurement(elapsed.TotalSeconds, statuses, latencies, all.All(a => a._polite));
    }
}
