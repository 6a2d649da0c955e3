using Microsoft.Extensions.Time.Testing;

namespace BookSaga.Hosting.Tests;

public sealed class TurnsTests
{
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public async Task What_waits_while_a_neighbour_has_the_turn_goes_together()
    {
        var turns = new Turns(1, _time);
        var gate = new Gate();
        var batches = new List<int>();
        var holder = new Batcher<int, int>(async items => { await gate.PassAsync(); return [.. items]; }, turns: turns);
        var next = new Batcher<int, int>(items => { batches.Add(items.Count); return Task.FromResult<IReadOnlyList<int>>([.. items]); }, turns: turns);

        Task<int> held = await gate.HoldAsync(() => holder.RunAsync(0));
        Task<int>[] calls = [.. Enumerable.Range(0, 5).Select(next.RunAsync)];
        await WaitAsync(turns, 1);
        batches.ShouldBeEmpty();
        gate.Open();
        await Task.WhenAll([held, .. calls]);

        batches.ShouldBe([5]);
    }

    [Fact]
    public async Task Whom_one_step_has_answered_go_along_with_those_who_wait_for_the_next()
    {
        const int Rounds = 40;
        int together = 0;
        for (int round = 0; round < Rounds; round++)
        {
            var turns = new Turns(1, _time);
            var gate = new Gate();
            var batches = new List<int>();
            var step = new Batcher<int, int>(async items => { await gate.PassAsync(); return [.. items]; }, turns: turns);
            var next = new Batcher<int, int>(items => { batches.Add(items.Count); return Task.FromResult<IReadOnlyList<int>>([.. items]); }, turns: turns);
            Task<int>[] stepped = [];
            await gate.HoldAsync(() => (stepped = step.RunTogether([.. Enumerable.Range(0, 8)]))[0]);
            Task<int>[] calls = [.. stepped.Select(async call => await next.RunAsync(await call)), next.RunAsync(9)];
            await WaitAsync(turns, 1);
            gate.Open();
            await Task.WhenAll(calls);
            together += batches[0] == calls.Length ? 1 : 0;
        }
        together.ShouldBeGreaterThan(Rounds / 10); // threads of the pool may take them in another order; without the place at the end of the queue one in a hundred goes so
    }

    [Fact]
    public async Task Batchers_take_turns_in_their_order_and_none_is_passed_over()
    {
        var turns = new Turns(1, _time);
        var gate = new Gate();
        var order = new List<string>();
        Batcher<int, int> Named(string name) => new(
            async items =>
            {
                order.Add(name);
                await gate.PassAsync();
                return [.. items];
            },
            maxBatch: 1, turns: turns);
        (Batcher<int, int> a, Batcher<int, int> b, Batcher<int, int> c) = (Named("a"), Named("b"), Named("c"));

        Task<int>[] calls = [await gate.HoldAsync(() => a.RunAsync(1)), c.RunAsync(1), b.RunAsync(1), a.RunAsync(2), b.RunAsync(2), c.RunAsync(2)];
        await WaitAsync(turns, 2);
        gate.Open();
        await Task.WhenAll(calls);

        order[..3].ShouldBe(["a", "b", "c"]);
        order.Count.ShouldBe(6);
    }

    [Fact]
    public async Task The_turn_goes_to_those_who_have_waited_longest_all_added_up()
    {
        var turns = new Turns(1, _time);
        var gate = new Gate();
        var order = new List<string>();
        Batcher<int, int> Named(string name) => new(
            async items =>
            {
                order.Add($"{name}{items.Count}");
                await gate.PassAsync();
                return [.. items];
            },
            maxBatch: 3, turns: turns);
        (Batcher<int, int> a, Batcher<int, int> b, Batcher<int, int> c) = (Named("a"), Named("b"), Named("c"));

        Task<int> held = await gate.HoldAsync(() => a.RunAsync(0));
        Task<int> old = b.RunAsync(1);
        _time.Advance(TimeSpan.FromMilliseconds(10));
        Task<int>[] many = c.RunTogether([1, 2, 3, 4]);
        await WaitAsync(turns, 2);
        _time.Advance(TimeSpan.FromMilliseconds(4));
        gate.Open(); // one has waited 14 ms, four have waited 4 ms each; then the one of them that is left 4 ms
        await Task.WhenAll([held, old, .. many]);

        order.ShouldBe(["a1", "c3", "b1", "c1"]);
    }

    [Fact]
    public async Task A_batch_that_waits_for_somebody_who_is_away_holds_up_nobody()
    {
        var turns = new Turns(1, _time);
        var gate = new Gate();
        var stuck = new Batcher<int, int>(async items => { await gate.PassAsync(); return [.. items]; }, turns: turns);
        var healthy = new Batcher<int, int>(items => Task.FromResult<IReadOnlyList<int>>([.. items]), turns: turns);

        Task<int> waiting = await gate.HoldAsync(() => stuck.RunAsync(1));
        Task<int> call = healthy.RunAsync(2);
        await WaitAsync(turns, 1);
        call.IsCompleted.ShouldBeFalse();
        // The stuck batch's time is only measured from a moment after it has begun, which may come later than this one.
        await Until.TrueAsync(() =>
        {
            _time.Advance(TimeSpan.FromMilliseconds(101));
            return call.IsCompleted;
        });

        (await call).ShouldBe(2);
        waiting.IsCompleted.ShouldBeFalse();
        gate.Open();
        (await waiting).ShouldBe(1);
    }

    // Batchers come for their turn from the pool.
    private static Task WaitAsync(Turns turns, int batchers) => Until.TrueAsync(() => turns.Waiting >= batchers);
}
