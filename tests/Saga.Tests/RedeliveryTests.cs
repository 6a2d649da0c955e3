using System.Reflection;
using BookSaga.Contracts;
using BookSaga.Contracts.Events;

namespace BookSaga.Saga.Tests;

/// <summary>Any event again, any number of times, in any order, after all is over: every row of every service stays as it was.</summary>
public sealed class RedeliveryTests(RedeliveryWorld world) : IClassFixture<RedeliveryWorld>
{
    /// <summary>All that there are, so that a new one is asked for here.</summary>
    public static TheoryData<string> Types => [.. typeof(EventTypes).GetFields(BindingFlags.Public | BindingFlags.Static).Select(f => (string)f.GetRawConstantValue()!)];

    [Theory]
    [MemberData(nameof(Types))]
    public async Task An_event_that_comes_ten_times_more_changes_nothing(string type)
    {
        Event[] told = [.. world.Told.Where(e => e.Type == type)];
        told.ShouldNotBeEmpty();
        await world.SettleAsync();
        string before = await world.RowsAsync();

        await Task.WhenAll(Enumerable.Range(0, 10).SelectMany(_ => told).Select(world.DeliverAsync));
        await world.SettleAsync();

        (await world.RowsAsync()).ShouldBe(before);
        await world.AuditAsync();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task All_events_again_and_again_in_another_order_change_nothing(int seed)
    {
        Event[] all = [.. world.Told, .. world.Told, .. world.Told];
        new Random(seed).Shuffle(all);
        await world.SettleAsync();
        string before = await world.RowsAsync();

        foreach (Event[] batch in all.Chunk(7))
        {
            await Task.WhenAll(batch.Select(world.DeliverAsync));
        }
        await world.SettleAsync();

        (await world.RowsAsync()).ShouldBe(before);
        await world.AuditAsync();
    }
}
