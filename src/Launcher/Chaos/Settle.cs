using System.Diagnostics;

namespace BookSaga.Launcher.Chaos;

/// <summary>After the storm every keyed request is sent again: what had no answer gets one, what had one must get the same.</summary>
internal sealed class Settle(Tally tally)
{
    // A key whose process died is free again after 15 s; a short run does not wait for that.
    private static readonly TimeSpan LongestLock = TimeSpan.FromSeconds(20);
    private const int Replays = 400;
    private const int AtOnce = 16;

    private int _different;
    private int _open;

    /// <summary>Keys that were answered differently.</summary>
    internal int Different => _different;

    /// <summary>Keys without a final answer at the end.</summary>
    internal int Open => _open;

    /// <summary>Keys that were sent again.</summary>
    internal int Asked { get; private set; }

    /// <summary>Asks until all are answered or the limit is over (a short run: its duration).</summary>
    internal async Task RunAsync(Plan plan, CancellationToken ct)
    {
        TimeSpan limit = plan.Duration < LongestLock ? plan.Duration : LongestLock;
        Keyed[] all = [.. tally.Keys];
        Keyed[] known = [.. all.Where(k => k.First is not null)];
        new Random(plan.Seed).Shuffle(known);
        Keyed[] again = [.. all.Where(k => k.First is null), .. known.Take(Replays)];
        Asked = again.Length;
        var clock = Stopwatch.StartNew();
        await Parallel.ForEachAsync(again, new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = ct }, async (keyed, _) => await AskAsync(keyed, clock, limit));
    }

    private async Task AskAsync(Keyed keyed, Stopwatch clock, TimeSpan limit)
    {
        Answer answer = await keyed.Who.CallAsync(HttpMethod.Post, keyed.Path, keyed.Body, keyed.Key);
        while (!answer.IsFinal && clock.Elapsed < limit)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(500));
            answer = await keyed.Who.CallAsync(HttpMethod.Post, keyed.Path, keyed.Body, keyed.Key);
        }
        if (!answer.IsFinal)
        {
            Interlocked.Increment(ref _open);
        }
        else if (keyed.First is null)
        {
            keyed.Tell(answer);
        }
        else if (!Same(keyed.First, answer))
        {
            Interlocked.Increment(ref _different);
            Console.WriteLine($"  {keyed.Path} under {keyed.Key}: first {keyed.First.Status} {keyed.First.Text}, then {answer.Status} {answer.Text}");
        }
    }

    // A 5xx is not kept word for word; what it says is.
    private static bool Same(Answer first, Answer again) =>
        first.Status == again.Status && first.Location == again.Location && (first.Status >= 500 ? first["code"] == again["code"] : first.Text == again.Text);
}
