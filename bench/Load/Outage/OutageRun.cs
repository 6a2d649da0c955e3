using System.Text;
using System.Text.Json;
using BookSaga.Launcher;

namespace BookSaga.Load.Outage;

/// <summary>The whole run, on two platforms one after the other, and its report <c>bench/results/outage.md</c> and <c>.json</c>.</summary>
internal sealed class OutageRun(OutagePlan plan)
{
    private readonly OutageResults _results = new();

    internal async Task<int> RunAsync()
    {
        await using var sink = new SmtpSink();
        Environment.SetEnvironmentVariable("Mail__Smtp", sink.Url);
        Environment.SetEnvironmentVariable("Mail__MaxPerMinute", "0");
        Environment.SetEnvironmentVariable("Mail__Connections", FormattableString.Invariant($"{MailOutage.MailConnections}"));
        Environment.SetEnvironmentVariable("MODE", "orchestration");
        Environment.SetEnvironmentVariable("Events__RabbitMq__Url", null); // a broker of somebody else is not taken away
        int code = await OnAsync("Direct", (platform, _) => new MailOutage(plan, platform, sink, _results, WriteAsync).RunAsync());
        if (code == 0)
        {
            code = await OnAsync(Transport.RabbitMq, async (platform, stop) => _results.Broker = await new BrokerOutage(plan, platform, sink).RunAsync(stop));
        }
        if (code == 0)
        {
            await WriteAsync();
            Console.WriteLine(await File.ReadAllTextAsync(Result("md")));
            Console.WriteLine($"written to {Path.GetRelativePath(Workspace.Root, Result("md"))} and .json");
        }
        return code;
    }

    private Task<int> OnAsync(string transport, Func<Platform, CancellationToken, Task> work)
    {
        Environment.SetEnvironmentVariable("TRANSPORT", transport);
        return new ThrowAway { Durable = true, RestartPause = BrokerOutage.Away(plan) }.RunAsync(async (platform, stop) =>
        {
            Stage.Say($"starting a platform, TRANSPORT={transport}");
            await platform.StartAsync(stop);
            platform.DeclareReady();
            await work(platform, stop).WaitAsync(stop);
            return 0;
        });
    }

    private string Result(string kind) => Path.Combine(Workspace.Root, "bench", "results", $"{plan.Name}.{kind}");

    private async Task WriteAsync()
    {
        await Report.DescribeAsync(_results.Machine, "make bench-outage");
        await File.WriteAllTextAsync(Result("json"), JsonSerializer.Serialize(_results, Report.Json) + "\n");
        await File.WriteAllTextAsync(Result("md"), Text(_results));
    }

    private static string Text(OutageResults r)
    {
        var md = new StringBuilder();
        Report.Line(md, $"# Outages of the mail server and of the broker");
        Report.Line(md, $"");
        foreach ((string name, string value) in r.Machine)
        {
            Report.Line(md, $"- {name}: {value}");
        }
        Report.Line(md, $"- everything on this one machine: PostgreSQL (fsync and synchronous_commit on), seven services, broker, mail server, load generator");
        (double p50, double p99) = r.Serving();
        Report.Table(
            md, "Bookings at a steady rate while the mail server misbehaves; ratios to the mean of the two loads with it",
            "mail server | bookings | failed | p50 ms | ratio | p99 ms | ratio | waiting when it recovered | s until all were sent | mails | twice",
            r.Moods.Select(m => (FormattableString)$"{m.Mood.ToLowerInvariant()} | {m.Bookings:N0} | {m.Failed} | {m.P50:0.0} | {m.P50 / p50:0.00} | {m.P99:0.0} | {m.P99 / p99:0.00} | {m.Waiting:N0} | {m.DeliveredAfter:0.0} | {m.Mails:N0} | {m.Repeats}"));
        Report.Table(
            md, FormattableString.Invariant($"Drain of what waited for the mail server, {MailOutage.MailConnections} connections"),
            "server's work ms a mail | bookings | mails | mails/s | MailKit alone, mails/s | ratio | first after s | all after s | twice",
            r.Drains.Select(d => (FormattableString)$"{d.WorkMs} | {d.Bookings:N0} | {d.Mails:N0} | {d.PerS:N0} | {d.BarePerS:N0} | {d.Ratio:0.00} | {d.FirstAfter:0.0} | {d.AllAfter:0.0} | {d.Repeats}"));
        if (r.Broker is { } b)
        {
            Broker(md, b);
        }
        return md.ToString();
    }

    private static void Broker(StringBuilder md, BrokerResult b)
    {
        (string When, Latency Load)[] loads = [("before", b.Before), ("during", b.During), ("while the backlog drains", b.After)];
        Report.Table(
            md, FormattableString.Invariant($"The broker killed for {b.OutageSeconds} s under load"), "load | bookings | failed | bookings/s | p50 ms | ratio | p99 ms | ratio",
            loads.Select(l => (FormattableString)$"{l.When} | {l.Load.Bookings:N0} | {l.Load.Failed} | {l.Load.PerS:N0} | {l.Load.P50:0.0} | {l.Load.P50 / b.Before.P50:0.00} | {l.Load.P99:0.0} | {l.Load.P99 / b.Before.P99:0.00}"));
        Report.Line(md, $"");
        Report.Line(md, $"{b.Backlog:N0} events waited in the outboxes ({b.BacklogMegabytes:N0} MB). The broker greeted after {b.BackAfter:0.0} s; {b.DrainedAfter:0.0} s later all {b.Events:N0} events of the outage were stored, each once.");
        Report.Line(md, $"{b.Cancelled:N0} bookings were paid and cancelled meanwhile: {b.Overtaken} cancellations were stored before their payment, {b.MailsOvertaken} of their mails arrived before the payment's. {b.OutOfOrder} events were stored before one that is a second older.");
        Report.Table(
            md, "Memory, MB (proportional set size)", "process | when the broker went | when it returned",
            b.MemoryBefore.Where(m => b.MemoryAfter.ContainsKey(m.Key)).Select(m => (FormattableString)$"{m.Key} | {m.Value:0} | {b.MemoryAfter[m.Key]:0}"));
    }
}
