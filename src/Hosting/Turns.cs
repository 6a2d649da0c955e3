namespace BookSaga.Hosting;

/// <summary>
/// Lets only a few of several batchers' batches run at once, and the batchers take turns in the order in which they joined. While one waits for its turn
/// its next batch fills: what came out of one step together goes through the next one together, so batches stay large instead of thinning out
/// over all steps. Alone, nobody waits.
/// </summary>
/// <param name="width">Batches that may run at once.</param>
/// <param name="time">Measures how long one runs.</param>
public sealed class Turns(int width, TimeProvider time)
{
    // A batch that takes longer waits for somebody else, who may be away: it goes on, but its turn is over.
    private static readonly TimeSpan Longest = TimeSpan.FromMilliseconds(100);
    private readonly Lock _lock = new();
    private readonly List<TaskCompletionSource?> _waiting = [];
    private int _running;
    private int _last = -1;

    /// <summary>Takes the next place in the order.</summary>
    internal int Join()
    {
        lock (_lock)
        {
            _waiting.Add(null);
            return _waiting.Count - 1;
        }
    }

    /// <summary>Waits for the turn of the batcher at <paramref name="place"/>, which has one batch at a time.</summary>
    internal Task EnterAsync(int place)
    {
        lock (_lock)
        {
            if (_running < width)
            {
                _running++;
                _last = place;
                return Task.CompletedTask;
            }
            return (_waiting[place] = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
        }
    }

    /// <summary>Gives the turn on when <paramref name="batch"/> has ended, or has taken too long.</summary>
    internal async Task LeaveAfterAsync(Task batch)
    {
        if (!batch.IsCompleted)
        {
            using var ended = new CancellationTokenSource();
            await Task.WhenAny(batch, Task.Delay(Longest, time, ended.Token));
            await ended.CancelAsync();
        }
        Leave();
    }

    private void Leave()
    {
        TaskCompletionSource? next = null;
        lock (_lock)
        {
            for (int i = 1; next is null && i <= _waiting.Count; i++)
            {
                int place = (_last + i) % _waiting.Count;
                next = _waiting[place];
                if (next is not null)
                {
                    _waiting[place] = null;
                    _last = place;
                }
            }
            if (next is null)
            {
                _running--;
            }
        }
        next?.SetResult();
    }
}
