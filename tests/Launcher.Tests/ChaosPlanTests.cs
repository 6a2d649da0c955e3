using BookSaga.Launcher.Chaos;

namespace BookSaga.Launcher.Tests;

public sealed class ChaosPlanTests
{
    [Fact]
    public void The_same_seed_gives_the_same_faults() =>
        new Plan(7, TimeSpan.FromMinutes(1), 16, 2, "Orchestration", "Direct").Faults.ShouldBe(new Plan(7, TimeSpan.FromMinutes(1), 16, 2, "Orchestration", "Direct").Faults);

    [Theory]
    [InlineData("Direct")]
    [InlineData("RabbitMq")]
    public void A_plan_hits_every_kind_of_process_in_every_way_and_only_such_as_there_are(string transport)
    {
        var plan = new Plan(7, TimeSpan.FromMinutes(10), 16, 2, "Orchestration", transport);

        string[] broker = transport == "RabbitMq" ? [PlatformState.RabbitMq] : [];
        // But the web: the load asks the API, and no money goes through pages.
        string[] there = [.. ServiceTable.Replicas(2).Where(r => r.Service.Name != ServiceTable.Web).Select(r => r.Name), PlatformState.Postgres, .. broker];
        plan.Faults.Select(f => f.Process).Distinct().ShouldBe(there, ignoreOrder: true);
        plan.Faults.Where(f => f.Blow == Blow.Quit).ShouldAllBe(f => f.Process == PlatformState.Postgres);
        plan.Faults.Where(f => f.Process == PlatformState.RabbitMq).Select(f => f.Blow).Distinct().ShouldBe(
            transport == "RabbitMq" ? [Blow.Kill, Blow.Freeze, Blow.End, Blow.Wipe] : [], ignoreOrder: true);
        plan.Faults.Where(f => f.Blow == Blow.Wipe).ShouldAllBe(f => f.Process == PlatformState.RabbitMq);
    }
}
