namespace BookSaga.Hosting;

/// <summary>
/// Lets only a few of several batchers' batches run at once. The turn goes to the batcher whose items have waited longest, all added up; among equals in the
/// order in which they joined. While one waits for its turn its next batch fills: what came out of one step together goes through the next one together,
/// stragglers are caught up with, and batches stay large instead of thinning out over all steps. Alone, nobody waits; and what waits comes first in the end.
/// </summary>
/// <param name="width">Batches that may run at once.</param>
/// <param name="time">Measures how long one runs.</param>
public sealed class Turns(int width, TimeProvider time)
{
    // A batch that takes longer waits for somebody else, who may be away: it goes on, but its turn is over.
    private static readonly TimeSpan Longest = TimeSpan.FromMilliseconds(100);
    private readonly Lock _lock = new();
    private readonly List<Entry?> _waiting = [];
    private int _running;
    private int _last = -1;

    /// <summary>This moment, in ticks of the clock.</summary>
    internal long Now => time.GetTimestamp();

    /// <summary>Batchers that wait for their turn.</summary>
    internal int Waiting
    {
        get
        {
            lock (_lock)
            {
                return _waiting.Count(entry => entry is not null);
            }
        }
    }

    /// <summary>Takes the next place in the order.</summary>
    internal int Join()
    {
        lock (_lock)
        {
            _waiting.Add(null);
            return _waiting.Count - 1;
        }
    }

    /// <summary>
    /// Waits for the turn of the batcher at <paramref name="place"/>, which has one batch at a time; <paramref name="waited"/> gives the ticks that its items have
    /// waited until a moment, all added up.
    /// </summary>
    internal Task EnterAsync(int place, Func<long, long> waited)
    {
        lock (_lock)
        {
            if (_running < width)
            {
                _running++;
                _last = place;
                return Task.CompletedTask;
            }
            var entry = new Entry(waited);
            _waiting[place] = entry;
            return entry.Task;
        }
    }

    /// <summary>Gives the turn on when <paramref name="batch"/> has ended, or has taken too long.</summary>
    internal async Task LeaveAfterAsync(Task batch)
    {
        try
        {
            await batch.WaitAsync(Longest, time);
        }
        catch (TimeoutException)
        {
            // It goes on without a turn.
        }
        Leave();
    }

    private void Leave()
    {
        Entry? next = null;
        lock (_lock)
        {
            long now = Now, longest = -1;
            int chosen = -1;
            for (int i = 1; i <= _waiting.Count; i++)
            {
                int place = (_last + i) % _waiting.Count;
                if (_waiting[place]?.Waited(now) is { } waited && waited > longest)
                {
                    (longest, chosen) = (waited, place);
                }
            }
            if (chosen < 0)
            {
                _running--;
                return;
            }
            next = _waiting[chosen];
            _waiting[chosen] = null;
            _last = chosen;
        }
        next?.SetResult();
    }

    private sealed class Entry(Func<long, long> waited) : TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)
    {
        internal long Waited(long now) => waited(now);
    }
}
