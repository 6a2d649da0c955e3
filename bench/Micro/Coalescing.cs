using BenchmarkDotNet.Attributes;
using BookSaga.Hosting;

namespace BookSaga.Micro;

/// <summary>What gathering itself costs: 64 calls at once to a step that takes no time, and what the turns add.</summary>
[InProcess, MemoryDiagnoser]
public class Coalescing
{
    private const int Calls = 64;
    private readonly Batcher<int, int> _alone = new(RunAsync);
    private readonly Batcher<int, int> _inTurn = new(RunAsync, turns: new Turns(3, TimeProvider.System));

    [Benchmark(Baseline = true, OperationsPerInvoke = Calls)]
    public Task Alone() => CallAsync(_alone);

    [Benchmark(OperationsPerInvoke = Calls)]
    public Task InTurn() => CallAsync(_inTurn);

    private static Task<int[]> CallAsync(Batcher<int, int> batcher) => Task.WhenAll(Enumerable.Range(0, Calls).Select(batcher.RunAsync));

    private static async Task<IReadOnlyList<int>> RunAsync(IReadOnlyList<int> items)
    {
        await Task.Yield();
        return items;
    }
}
