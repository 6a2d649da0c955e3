namespace BookSaga.Customer.Sagas;

/// <summary>Calls this process's sweep to look now: somebody has made a saga due.</summary>
internal sealed class SweepCall
{
    private readonly SemaphoreSlim _called = new(0, 1);

    internal void Now()
    {
        try
        {
            _called.Release();
        }
        catch (SemaphoreFullException)
        {
            // It is called already.
        }
    }

    /// <summary>Waits for a call, at most <paramref name="limit"/>.</summary>
    internal Task WaitAsync(TimeSpan limit, CancellationToken ct) => _called.WaitAsync(limit, ct);
}
