using System.Collections.Concurrent;

namespace BookSaga.Simulation.Tests;

/// <summary>
/// The real kernel, sagas, participants and batching under a seeded scheduler with virtual time. A failing seed is printed;
/// <c>BOOKSAGA_SEED=…</c> plays it alone.
/// </summary>
public sealed class SimulationTests
{
    private const int Schedules = 20_000;
    private const int SchedulesForABug = 5_000;

    [Fact]
    public void No_schedule_of_crashes_delays_losses_repeats_and_pauses_breaks_an_invariant()
    {
        if (int.TryParse(Environment.GetEnvironmentVariable("BOOKSAGA_SEED"), out int seed))
        {
            Run.Play(seed).ShouldBeNull($"seed {seed}");
            return;
        }
        var broken = new ConcurrentDictionary<int, string>();
        Parallel.For(0, Schedules, i =>
        {
            if (Run.Play(i) is { } what)
            {
                broken[i] = what;
            }
        });
        broken.OrderBy(b => b.Key).Take(5).Select(b => $"BOOKSAGA_SEED={b.Key}: {b.Value}").ShouldBeEmpty();
    }

    [Fact]
    public void The_same_seed_gives_the_same_run()
    {
        foreach (Bug bug in new[] { Bug.None, Bug.RefusedReserveLeavesNoMark })
        {
            Enumerable.Range(0, 200).Select(seed => Run.Play(seed, bug)).ShouldBe(Enumerable.Range(0, 200).Select(seed => Run.Play(seed, bug)));
        }
    }

    public static TheoryData<Bug> Bugs() => [.. Enum.GetValues<Bug>().Where(b => b != Bug.None)];

    [Theory, MemberData(nameof(Bugs))]
    public void Every_deliberate_bug_is_caught(Bug bug)
    {
        int? caughtAt = null;
        for (int seed = 0; seed < SchedulesForABug && caughtAt is null; seed++)
        {
            if (Run.Play(seed, bug) is { } what)
            {
                caughtAt = seed + 1;
                TestContext.Current.TestOutputHelper?.WriteLine($"{bug}: caught at schedule {caughtAt}: {what}");
            }
        }
        caughtAt.ShouldNotBeNull($"{bug} survived {SchedulesForABug} schedules");
    }
}
