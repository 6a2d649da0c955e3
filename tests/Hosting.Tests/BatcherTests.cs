namespace BookSaga.Hosting.Tests;

public sealed class BatcherTests
{
    [Fact]
    public async Task Calls_that_arrive_while_a_batch_runs_share_the_next_one()
    {
        var batches = new List<int>();
        var gate = new Gate();
        var batcher = new Batcher<int, int>(async items =>
        {
            batches.Add(items.Count);
            if (batches.Count == 1)
            {
                await gate.PassAsync();
            }
            return [.. items.Select(i => i * 2)];
        });

        Task<int>[] calls = await gate.CallAsync(batcher, 10);
        gate.Open();

        (await Task.WhenAll(calls)).ShouldBe(Enumerable.Range(0, 10).Select(i => i * 2));
        batches.ShouldBe([1, 9]);
    }

    [Fact]
    public async Task Items_that_come_together_go_together_though_nobody_waits()
    {
        var batches = new List<int>();
        var batcher = new Batcher<int, int>(
            async items =>
            {
                batches.Add(items.Count);
                await Task.Yield();
                return [.. items.Select(i => i * 2)];
            },
            maxBatch: 4);

        (await Task.WhenAll(batcher.RunTogether([1, 2, 3, 4, 5, 6]))).ShouldBe([2, 4, 6, 8, 10, 12]);

        batches.ShouldBe([4, 2]);
        batcher.RunTogether([]).ShouldBeEmpty();
        (await batcher.RunAsync(7)).ShouldBe(14);
    }

    [Fact]
    public async Task A_batch_carries_at_most_its_limit()
    {
        var batches = new List<int>();
        var gate = new Gate();
        var batcher = new Batcher<int, int>(
            async items =>
            {
                batches.Add(items.Count);
                await gate.PassAsync();
                return [.. items];
            },
            maxBatch: 4);

        Task<int>[] calls = await gate.CallAsync(batcher, 10);
        gate.Open();
        await Task.WhenAll(calls);

        batches.ShouldBe([1, 4, 4, 1]);
    }

    [Fact]
    public async Task An_item_that_fails_its_batch_fails_alone_and_the_batcher_goes_on()
    {
        var gate = new Gate();
        var batcher = new Batcher<int, int>(
            async items =>
            {
                await gate.PassAsync();
                return items.Contains(3) ? throw new InvalidOperationException("three") : [.. items];
            },
            isolate: e => e is InvalidOperationException);

        Task<int>[] calls = await gate.CallAsync(batcher, 6);
        gate.Open();

        (await Should.ThrowAsync<InvalidOperationException>(calls[3])).Message.ShouldBe("three");
        (await Task.WhenAll(calls.Where((_, i) => i != 3))).ShouldBe([0, 1, 2, 4, 5]);
        (await batcher.RunAsync(7)).ShouldBe(7);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    [InlineData(4)]
    public async Task A_run_that_gives_fewer_or_more_results_than_items_fails_them_all_and_the_batcher_goes_on(int results)
    {
        var gate = new Gate();
        var batcher = new Batcher<int, int>(async items =>
        {
            await gate.PassAsync();
            return items.Count == 3 ? new int[results] : [.. items];
        });

        Task<int>[] calls = await gate.CallAsync(batcher, 4);
        gate.Open();

        (await calls[0]).ShouldBe(0);
        foreach (Task<int> call in calls[1..])
        {
            await Should.ThrowAsync<System.Diagnostics.UnreachableException>(call);
        }
        (await batcher.RunAsync(7)).ShouldBe(7);
    }

    [Fact]
    public async Task A_run_that_throws_before_it_returns_a_task_fails_its_items_and_the_batcher_goes_on()
    {
        var batcher = new Batcher<int, int>(items => items[0] == 1 ? throw new InvalidOperationException("at once") : Task.FromResult(items));

        await Should.ThrowAsync<InvalidOperationException>(batcher.RunAsync(1));
        (await batcher.RunAsync(2)).ShouldBe(2);
    }

    [Fact]
    public async Task A_failure_that_says_nothing_of_single_items_fails_the_whole_batch_once()
    {
        int runs = 0;
        var gate = new Gate();
        var batcher = new Batcher<int, int>(async _ =>
        {
            runs++;
            await gate.PassAsync();
            throw new TimeoutException();
        });

        Task<int>[] calls = await gate.CallAsync(batcher, 5);
        gate.Open();

        foreach (Task<int> call in calls)
        {
            await Should.ThrowAsync<TimeoutException>(call);
        }
        runs.ShouldBe(2);
    }
}
