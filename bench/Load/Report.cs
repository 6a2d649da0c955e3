using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using BookSaga.Launcher;
using BookSaga.Launcher.Processes;

namespace BookSaga.Load;

/// <summary>Writes <c>bench/results/{plan}.json</c>, <c>.md</c> and <c>.svg</c>.</summary>
internal static class Report
{
    internal static readonly JsonSerializerOptions Json = new() { WriteIndented = true, PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    internal static async Task<string> WriteAsync(Plan plan, Results results)
    {
        await DescribeAsync(results.Machine, plan.Name == "full" ? "make bench" : "make bench-quick");
        string folder = Path.Combine(Workspace.Root, "bench", "results");
        Directory.CreateDirectory(folder);
        await File.WriteAllTextAsync(Path.Combine(folder, plan.Name + ".json"), JsonSerializer.Serialize(results, Json) + "\n");
        await File.WriteAllTextAsync(Path.Combine(folder, plan.Name + ".svg"), Plot.Draw(results));
        string file = Path.Combine(folder, plan.Name + ".md");
        await File.WriteAllTextAsync(file, Text(plan, results));
        return file;
    }

    /// <summary>Says when, by what and where it was measured.</summary>
    internal static async Task DescribeAsync(Dictionary<string, string> machine, string command)
    {
        machine["date"] = TimeProvider.System.GetUtcNow().ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture);
        machine["command"] = command;
        (_, string commit) = await new Command("git", ["-C", Workspace.Root, "log", "-1", "--format=%h"]).RunAsync(CancellationToken.None);
        (int changed, _) = await new Command("git", ["-C", Workspace.Root, "diff", "--quiet", "HEAD", "--", ":(top,exclude)bench/results"]).RunAsync(CancellationToken.None);
        machine["commit"] = commit.Trim() + (changed == 0 ? "" : " with changes");
        string[] cpu = File.Exists("/proc/cpuinfo") ? await File.ReadAllLinesAsync("/proc/cpuinfo") : [];
        string? model = Array.Find(cpu, l => l.StartsWith("model name", StringComparison.Ordinal))?.Split(':')[1].Trim();
        machine["processors"] = string.Create(CultureInfo.InvariantCulture, $"{Environment.ProcessorCount} × {model ?? "unknown"}");
        machine["memory"] = string.Create(CultureInfo.InvariantCulture, $"{GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 1e9:0} GB");
        machine["system"] = $"{RuntimeInformation.OSDescription}, {RuntimeInformation.FrameworkDescription}";
    }

    private static string Text(Plan plan, Results r)
    {
        var md = new StringBuilder();
        Line(md, $"# Benchmark, {plan.Name}");
        Line(md, $"");
        Line(md, $"**{r.EndToEndBookingsPerS:N0} bookings/s end to end, {r.RatioToLimit:0.00} of plain SQL ({r.LimitSagasPerS:N0} sagas/s) in the same run.**");
        Line(md, $"");
        foreach ((string name, string value) in r.Machine)
        {
            Line(md, $"- {name}: {value}");
        }
        Line(md, $"- everything on this one machine: PostgreSQL (fsync and synchronous_commit on), seven services, load generator");
        Table(md, "Limit: pgbench, prepared, five commits of one statement for a saga", "connections | sagas/s | p50 ms | p99 ms", r.Limit.Select(l => (FormattableString)$"{l.Clients} | {l.PerSecond:N0} | {l.P50:0.0} | {l.P99:0.0}"));
        Table(md, "Bookings, closed loop", "mode | clients | bookings/s | of the limit | p50 ms | p90 | p99 | p99.9 | failed | mail events all stored after s", r.EndToEnd.Select(l => (FormattableString)$"{l.Mode} | {l.Connections} | {l.PerS:N0} | {l.PerS / r.LimitSagasPerS:0.00} | {l.P50:0.0} | {l.P90:0.0} | {l.P99:0.0} | {l.P999:0.0} | {l.Failed} | {l.MailLagSeconds:0.0}"));
        Line(md, $"");
        Line(md, $"One client, and the reads below: when what the loads before had left was done.");
        if (r.LimitAlone is { } plain && r.EndToEnd.FirstOrDefault(l => l.Connections == 1) is { } alone)
        {
            Line(md, $"One client takes {alone.P50 / plain.P50:0.0} times what one connection takes for a saga of plain SQL right after it (p50 {plain.P50:0.0} ms), p99 {alone.P99 / plain.P99:0.0} times (p99 {plain.P99:0.0} ms).");
        }
        Table(md, "Bookings at a steady rate, latency from the moment each was due", "offered/s | done/s | p50 ms | p90 | p99 | p99.9 | failed", r.AtRate.Select(l => (FormattableString)$"{l.OfferedPerS:N0} | {l.PerS:N0} | {l.P50:0.0} | {l.P90:0.0} | {l.P99:0.0} | {l.P999:0.0} | {l.Failed}"));
        Line(md, $"");
        Line(md, $"![latency against throughput]({plan.Name}.svg)");
        if (r.Overload is { } o)
        {
            Table(md, "Overload", "clients | bookings/s | refused/s | failed | every refusal has Retry-After | p99 ms", [$"{o.Connections} | {o.PerS:N0} | {o.ShedPerS:N0} | {o.Failed} | {(o.EveryRefusalSaysWhen ? "yes" : "no")} | {o.P99:0.0}"]);
        }
        Table(md, "Reads, 16 connections", "what | answers/s | p50 ms | p99 ms | SQL alone p50 | SQL alone p99 | p99 to SQL's", r.Reads.Select(x => x.SqlP99 is { } sql ? (FormattableString)$"{x.What} | {x.PerS:N0} | {x.P50:0.0} | {x.P99:0.0} | {x.SqlP50:0.0} | {sql:0.0} | {x.P99 / sql:0.0}" : $"{x.What} | {x.PerS:N0} | {x.P50:0.0} | {x.P99:0.0} | | | "));
        Table(md, "Pages: the web's own time, one visitor after the other", "page | p50 ms | p99 ms | its API call p50 | p99 | p99 to the call's", r.Pages.Select(x => (FormattableString)$"{x.Page} | {x.P50:0.0} | {x.P99:0.0} | {x.ApiP50:0.0} | {x.ApiP99:0.0} | {x.P99 / x.ApiP99:0.0}"));
        Table(md, "Growth, 256 clients", "offers there | finished sagas | bookings/s | p50 ms | p99 ms", r.Growth.Select(g => (FormattableString)$"{g.Offers:N0} | {g.FinishedSagas:N0} | {g.PerS:N0} | {g.P50:0.0} | {g.P99:0.0}"));
        Load best = r.EndToEnd.Where(l => l.Mode == "orchestration").MaxBy(l => l.PerS)!;
        Table(md, FormattableString.Invariant($"Cost of 1,000 bookings at {best.Connections} clients, CPU seconds"), "process | s", best.CpuSecondsPer1000.Where(c => c.Value >= 0.001).Select(c => (FormattableString)$"{c.Key} | {c.Value:0.000}").Append((FormattableString)$"**all** | {best.CpuSecondsPer1000.Values.Sum():0.000}"));
        Line(md, $"");
        Line(md, $"One booking writes {best.WalBytes:N0} bytes of WAL and keeps {best.DiskBytes:N0} bytes of disk.");
        Table(md, "Memory, MB (proportional set size)", "process | idle | after the loads", r.IdleMemory.Select(m => (FormattableString)$"{m.Key} | {m.Value:0} | {r.LoadedMemory.GetValueOrDefault(m.Key):0}").Append((FormattableString)$"**all but PostgreSQL** | {Sum(r.IdleMemory):0} | {Sum(r.LoadedMemory):0}"));
        Line(md, $"");
        Line(md, $"Idle, all services together take {r.IdleCpuPercent:0.00} % of the processors, PostgreSQL {r.IdlePostgresCpuPercent:0.00} %. Start with a new database cluster, until all are ready: {r.StartSeconds:0.0} s.");
        return md.ToString();
    }

    private static double Sum(Dictionary<string, double> memory) => memory.Where(m => m.Key != PlatformState.Postgres).Sum(m => m.Value);

    internal static void Table(StringBuilder md, string title, string head, IEnumerable<FormattableString> rows)
    {
        FormattableString[] all = [.. rows];
        if (all.Length == 0)
        {
            return;
        }
        Line(md, $"");
        Line(md, $"## {title}");
        Line(md, $"");
        Line(md, $"| {head} |");
        Line(md, $"|{string.Concat(Enumerable.Repeat("---|", head.Split('|').Length))}");
        foreach (FormattableString row in all)
        {
            Line(md, $"| {FormattableString.Invariant(row)} |");
        }
    }

    internal static void Line(StringBuilder md, FormattableString text) => md.Append(FormattableString.Invariant(text)).Append('\n');
}
