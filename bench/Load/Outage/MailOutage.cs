using System.Diagnostics;
using System.Globalization;
using BookSaga.Launcher;

namespace BookSaga.Load.Outage;

/// <summary>What a mail server out of order does to bookings (nothing), and when the mails arrive once it serves again.</summary>
internal sealed class MailOutage(OutagePlan plan, Platform platform, SmtpSink sink, OutageResults results, Func<Task> save)
{
    /// <summary>Of the platform and of the loop beside it.</summary>
    internal const int MailConnections = 4;

    private const int DrainRate = 500;
    private const int BareMails = 10_000;
    private static readonly TimeSpan Work = TimeSpan.FromMilliseconds(10); // a server that writes each mail to a disk

    internal async Task RunAsync()
    {
        using var stage = new Stage(platform, plan, sink);
        await stage.PrepareAsync();
        // The last one again: what else the machine does may change in between.
        foreach (Mood mood in (Mood[])[Mood.Serving, Mood.Down, Mood.Slow, Mood.Rejecting, Mood.Closing, Mood.Serving])
        {
            MoodResult result = await MoodAsync(stage, mood);
            results.Moods.Add(result);
            Stage.Say(string.Create(CultureInfo.InvariantCulture, $"mail server {mood}: p50 {result.P50:0.0} ms, p99 {result.P99:0.0} ms; {result.Waiting:N0} waited, all {result.Mails:N0} mails after {result.DeliveredAfter:0.0} s, {result.Repeats} twice"));
            await save();
        }
        foreach ((TimeSpan work, int bookings) in ((TimeSpan, int)[])[(TimeSpan.Zero, plan.DrainBookings), (Work, plan.DrainBookings / 4)])
        {
            DrainResult result = await DrainAsync(stage, work, bookings);
            results.Drains.Add(result);
            Stage.Say(string.Create(CultureInfo.InvariantCulture, $"drain, {result.WorkMs} ms a mail: {result.Mails:N0} mails at {result.PerS:N0}/s, MailKit alone {result.BarePerS:N0}/s; all after {result.AllAfter:0.0} s"));
            await save();
        }
    }

    private async Task<MoodResult> MoodAsync(Stage stage, Mood mood)
    {
        string when = $"mail server {mood}";
        await stage.ReadyAsync(plan.MailRate * plan.MailSeconds);
        sink.Set(mood);
        Measurement load = await stage.LoadAsync(when, plan.MailRate, plan.MailSeconds);
        _ = await stage.Checks.RunAsync(load); // also that events are taken in all the same
        long waiting = await stage.WaitingAsync();
        sink.Set(Mood.Serving);
        double after = await stage.DeliveredAsync(when);
        (int mails, int repeats) = await stage.MailsAsync(when, load.Succeeded);
        return new MoodResult(mood.ToString(), load.Succeeded, load.Answered - load.Succeeded, load.Percentile(0.5), load.Percentile(0.99), waiting, after, mails, repeats);
    }

    private async Task<DrainResult> DrainAsync(Stage stage, TimeSpan work, int bookings)
    {
        double bare = await BareLoop.RunAsync(sink.Samples, MailConnections, work > TimeSpan.Zero ? BareMails / 5 : BareMails, work);
        await stage.ReadyAsync(bookings);
        sink.Set(Mood.Down);
        Measurement load = await stage.LoadAsync("without a mail server", DrainRate, bookings / DrainRate);
        _ = await stage.Checks.RunAsync(load);
        int before = sink.Arrivals.Count;
        sink.Work = work;
        long start = Stopwatch.GetTimestamp();
        sink.Set(Mood.Serving);
        _ = await stage.DeliveredAsync("drain");
        sink.Work = TimeSpan.Zero;
        (int mails, int repeats) = await stage.MailsAsync("drain", load.Succeeded);
        double[] times = [.. sink.Arrivals.Skip(before).Select(a => Stopwatch.GetElapsedTime(start, a.At).TotalSeconds)];
        // Without both ends: those few mails that were tried in vain wait for their next turn.
        (int from, int to) = (times.Length / 20, times.Length * 19 / 20);
        return new DrainResult(
            work.TotalMilliseconds, load.Succeeded, mails, Math.Round(times[0], 1), Math.Round(times[^1], 1), Math.Round((to - from) / (times[to] - times[from])), Math.Round(bare), repeats);
    }
}
