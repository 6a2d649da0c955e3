using System.Globalization;
using System.Text.Json;

namespace BookSaga.Launcher.Chaos;

/// <summary>The final table, and the same as JSON under <c>artifacts/chaos</c>.</summary>
internal static class Report
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    /// <returns>The exit code: 0 when nothing is wrong.</returns>
    internal static async Task<int> WriteAsync(
        Plan plan, TimeSpan took, Tally tally, Settle settle, Killer killer, Recovery recovery, IReadOnlyList<(string What, long Count)> wrong)
    {
        Recovery.Wound[] met = [.. recovery.Wounds.Where(w => w.Sagas > 0)];
        var fromFault = Spread.Of(met.Select(w => w.FromFault));
        var fromReturn = Spread.Of(met.Select(w => w.FromReturn));
        var alone = Spread.Of(recovery.Alone.Where(w => w.Sagas > 0).Select(w => w.FromReturn));
        long errors = wrong.Sum(w => w.Count);
        Console.WriteLine(FormattableString.Invariant($"""

            {plan.Mode}, {plan.Transport}, {plan.Duration.TotalSeconds:0} s of load, {plan.Replicas} replicas, seed {plan.Seed}, {took.TotalSeconds:0} s until quiet
              bookings     {tally.Tried} tried, {tally.Paid} told paid, {tally.Failed} told failed, {tally.Unknown} without an answer
              keys         {settle.Asked} asked again at the end, {settle.Open} still without an answer
              answers      {Statuses(tally)}
              faults       {killer.Count}: {Faults(recovery)}
              recovery     of the {met.Length} faults that met live sagas, {met.Sum(w => w.Sagas)} sagas in all, until the last of a fault's sagas had finished
                from the fault                 {fromFault}
                from the process's return      {fromReturn}
                the same, nothing else hit     {alone}

            """));
        foreach ((string what, long count) in wrong)
        {
            Console.WriteLine($"  {count,6}  {what}");
        }
        Console.WriteLine(errors == 0 ? $"\nNothing is wrong. The same faults again: {plan.Replay}" : $"\nWRONG: {errors}. The same faults again: {plan.Replay}");

        string folder = Path.Combine(Workspace.Root, "artifacts", "chaos");
        Directory.CreateDirectory(folder);
        string file = Path.Combine(folder, FormattableString.Invariant($"{plan.Mode.ToLowerInvariant()}-{plan.Transport.ToLowerInvariant()}-seed-{plan.Seed}.json"));
        await File.WriteAllTextAsync(file, JsonSerializer.Serialize(
            new
            {
                plan.Seed,
                plan.Replicas,
                DurationSeconds = plan.Duration.TotalSeconds,
                plan.Replay,
                tally.Tried,
                tally.Paid,
                tally.Failed,
                tally.Unknown,
                tally.Statuses,
                KeysAskedAgain = settle.Asked,
                KeysOpen = settle.Open,
                RecoveryFromFault = fromFault,
                RecoveryFromReturn = fromReturn,
                RecoveryFromReturnAlone = alone,
                Faults = recovery.Wounds.Select(w => new { AtSeconds = w.Fault.At.TotalSeconds, w.Fault.Process, Blow = w.Fault.Blow.ToString(), w.Sagas, FromFault = w.FromFault?.TotalSeconds, FromReturn = w.FromReturn?.TotalSeconds }),
                Wrong = wrong.ToDictionary(w => w.What, w => w.Count),
            },
            Json));
        return errors == 0 ? 0 : 1;
    }

    private static string Statuses(Tally tally) =>
        string.Join(", ", tally.Statuses.OrderBy(s => s.Key).Select(s => $"{(s.Key == 0 ? "none" : s.Key.ToString(CultureInfo.InvariantCulture))} × {s.Value}"));

    private static string Faults(Recovery recovery) =>
        string.Join(", ", recovery.Wounds.CountBy(w => w.Fault.Blow).OrderBy(b => b.Key).Select(b => $"{b.Key.ToString().ToLowerInvariant()} {b.Value}"))
        + " (" + string.Join(", ", recovery.Wounds.CountBy(w => w.Fault.Process.Split('-')[0]).OrderBy(p => p.Key, StringComparer.Ordinal).Select(p => $"{p.Key} {p.Value}")) + ")";

    /// <summary>Seconds.</summary>
    private sealed record Spread(int Count, double P50, double P99, double Max)
    {
        internal static Spread Of(IEnumerable<TimeSpan?> times)
        {
            double[] sorted = [.. times.OfType<TimeSpan>().Select(t => Math.Round(t.TotalSeconds, 2)).Order()];
            return sorted.Length == 0 ? new(0, 0, 0, 0) : new(sorted.Length, At(0.5), At(0.99), sorted[^1]);

            double At(double share) => sorted[Math.Min(sorted.Length - 1, (int)Math.Ceiling(share * sorted.Length) - 1)];
        }

        public override string ToString() => FormattableString.Invariant($"p50 {P50:0.0} s, p99 {P99:0.0} s, max {Max:0.0} s ({Count})");
    }
}
