using System.Diagnostics;

namespace BookSaga.Hosting;

/// <summary>
/// Gathers concurrent calls of one step into batches, one batch in flight: while it runs the next one fills.
/// No timer, so an idle system waits for nothing; under load one commit or one call carries many sagas.
/// </summary>
/// <param name="run">Runs a batch; result i belongs to item i.</param>
/// <param name="maxBatch">Items a batch carries at most.</param>
/// <param name="isolate">The failures of a whole batch after which it is run again one by one, so that a bad item harms no other. Only for runs that are idempotent.</param>
/// <param name="turns">Shared with the batchers of neighbouring steps; null: this one waits for nobody.</param>
public sealed class Batcher<TItem, TResult>(
    Func<IReadOnlyList<TItem>, Task<IReadOnlyList<TResult>>> run, int maxBatch = 256, Func<Exception, bool>? isolate = null, Turns? turns = null)
{
    private readonly Lock _lock = new();
    private readonly int _place = turns?.Join() ?? 0;
    private List<Call> _waiting = [];
    private long _came; // when those that wait did, added up
    private bool _running;

    /// <summary>Adds <paramref name="item"/> to the next batch and gives its own outcome.</summary>
    public Task<TResult> RunAsync(TItem item) => RunTogether([item])[0];

    /// <summary>Adds <paramref name="items"/> to one batch, as far as it carries them, and gives each one's own outcome. One after the other the first would go alone.</summary>
    public Task<TResult>[] RunTogether(IReadOnlyList<TItem> items)
    {
        ArgumentNullException.ThrowIfNull(items);
        var calls = new Task<TResult>[items.Count];
        lock (_lock)
        {
            long now = turns?.Now ?? 0;
            for (int i = 0; i < calls.Length; i++)
            {
                var call = new Call(items[i], now);
                _waiting.Add(call);
                _came += now;
                calls[i] = call.Task;
            }
            if (_running || calls.Length == 0)
            {
                return calls;
            }
            _running = true;
        }
        _ = PumpAsync();
        return calls;
    }

    private async Task PumpAsync()
    {
        do
        {
            await (turns?.EnterAsync(_place, Waited) ?? Task.CompletedTask);
            await Task.Yield(); // to the end of the pool's queue: calls that are about to come, of those whom the last batch has answered, go along
            Task batch = RunBatchAsync(Take());
            await (turns?.LeaveAfterAsync(batch) ?? Task.CompletedTask);
            await batch;
        }
        while (!IsDone());
    }

    private List<Call> Take()
    {
        lock (_lock)
        {
            if (_waiting.Count <= maxBatch)
            {
                List<Call> all = _waiting;
                _waiting = [];
                _came = 0;
                return all;
            }
            List<Call> batch = _waiting[..maxBatch];
            _waiting.RemoveRange(0, maxBatch);
            _came -= batch.Sum(call => call.Came);
            return batch;
        }
    }

    private long Waited(long now)
    {
        lock (_lock)
        {
            return (_waiting.Count * now) - _came;
        }
    }

    private bool IsDone()
    {
        lock (_lock)
        {
            _running = _waiting.Count > 0;
            return !_running;
        }
    }

    private async Task RunBatchAsync(List<Call> batch)
    {
        // A lone item's work is part of its trace; what many share belongs to none of them.
        Activity? span = batch.Count == 1 ? batch[0].Span : null;
        if (Activity.Current != span)
        {
            Activity.Current = span;
        }
        try
        {
            IReadOnlyList<TResult> results = await run(batch.ConvertAll(call => call.Item));
            if (results.Count != batch.Count)
            {
                throw new UnreachableException($"{results.Count} results for {batch.Count} items");
            }
            for (int i = 0; i < batch.Count; i++)
            {
                batch[i].SetResult(results[i]);
            }
        }
        catch (Exception e) when (batch.Count > 1 && isolate?.Invoke(e) == true)
        {
            foreach (Call call in batch)
            {
                await RunBatchAsync([call]);
            }
        }
        catch (Exception e)
        {
            batch.ForEach(call => call.TrySetException(e));
        }
    }

    private sealed class Call(TItem item, long came) : TaskCompletionSource<TResult>(TaskCreationOptions.RunContinuationsAsynchronously)
    {
        public TItem Item { get; } = item;

        public long Came { get; } = came;

        public Activity? Span { get; } = Activity.Current;
    }
}
