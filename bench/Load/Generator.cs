using System.Diagnostics;

namespace BookSaga.Load;

/// <summary>Writes the request number <paramref name="number"/> into <paramref name="buffer"/> and gives its length.</summary>
internal delegate int RequestWriter(Span<byte> buffer, long number);

/// <summary>Sends requests to one port and measures the answers.</summary>
internal sealed class Generator(int port, RequestWriter write)
{
    private const int LongestRequest = 8 * 1024;
    private static readonly TimeSpan Again = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Impatience = TimeSpan.FromSeconds(30);
    private long _number = -1;

    /// <summary>
    /// <paramref name="connections"/> clients, each sending its next request when its last one is answered: what the platform can do, and what an answer takes
    /// when so many wait. After the time is over, those under way are waited for.
    /// </summary>
    internal Task<Measurement> ClosedAsync(int connections, TimeSpan duration)
    {
        var clock = Stopwatch.StartNew();
        return RunAsync(connections, clock, () => clock.Elapsed < duration ? clock.Elapsed : null);
    }

    /// <summary>
    /// Requests at a steady <paramref name="rate"/>, whatever the answers do: a request that finds every connection busy waits, and its wait
    /// counts, because it is measured from the moment it was due (no coordinated omission). The generator's own timer, up to 1 ms, is in it.
    /// </summary>
    internal Task<Measurement> OpenAsync(double rate, TimeSpan duration, int connections)
    {
        long due = -1;
        var clock = Stopwatch.StartNew();
        return RunAsync(connections, clock, () => TimeSpan.FromSeconds(Interlocked.Increment(ref due) / rate) is var at && at < duration ? at : null);
    }

    private async Task<Measurement> RunAsync(int connections, Stopwatch clock, Func<TimeSpan?> next)
    {
        var answers = new Answers[connections];
        await Task.WhenAll(Enumerable.Range(0, connections).Select(i => Task.Run(() => WorkAsync(answers[i] = new Answers(), clock, next)))).WaitAsync(Impatience + Impatience * 10);
        return Answers.Sum(answers, clock.Elapsed);
    }

    private async Task WorkAsync(Answers answers, Stopwatch clock, Func<TimeSpan?> next)
    {
        using var line = new HttpLine(port);
        byte[] buffer = new byte[LongestRequest];
        while (next() is { } due)
        {
            if (due - clock.Elapsed is { Ticks: > 0 } wait)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(Math.Ceiling(wait.TotalMilliseconds)));
            }
            int length = write(buffer, Interlocked.Increment(ref _number));
            int status = await line.SendAsync(buffer.AsMemory(0, length));
            answers.Add(status, clock.Elapsed - due, line.RetryAfter);
            if (status is 429 or 503 && line.RetryAfter)
            {
                await Task.Delay(Again); // as it was asked to
            }
        }
    }
}
