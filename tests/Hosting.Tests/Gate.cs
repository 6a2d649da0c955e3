namespace BookSaga.Hosting.Tests;

/// <summary>Holds up a batcher's first batch, so that a test knows what waits meanwhile.</summary>
internal sealed class Gate
{
    private readonly TaskCompletionSource _entered = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _opened = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>For the run of a batch: waits until the gate is open.</summary>
    internal Task PassAsync()
    {
        _entered.TrySetResult();
        return _opened.Task;
    }

    internal void Open() => _opened.SetResult();

    /// <summary>Starts <paramref name="first"/>, and gives it when its batch is at the gate.</summary>
    internal async Task<Task<T>> HoldAsync<T>(Func<Task<T>> first)
    {
        Task<T> held = first();
        await _entered.Task.InTimeAsync();
        return held;
    }

    /// <summary>Calls with 0 up to <paramref name="count"/>, of which the first is held up alone.</summary>
    internal async Task<Task<T>[]> CallAsync<T>(Batcher<int, T> batcher, int count) =>
        [await HoldAsync(() => batcher.RunAsync(0)), .. Enumerable.Range(1, count - 1).Select(batcher.RunAsync)];
}
