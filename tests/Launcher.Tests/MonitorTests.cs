using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;
using BookSaga.Launcher.Demo;
using BookSaga.Launcher.Monitoring;
using BookSaga.Launcher.Processes;

namespace BookSaga.Launcher.Tests;

/// <summary>A platform, the demo, and a live Prometheus: what the dashboards ask for is there.</summary>
public sealed class MonitorTests
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    // Whose metrics a platform on one machine has none of: MonitoringTests of the chart holds their names against their documentation.
    private static readonly string[] OfOthers = ["postgresql.json", "rabbitmq.json", "entry.json"];

    [Fact]
    public async Task Every_panel_has_data_after_the_demo_and_no_alert_fires()
    {
        await PrometheusServer.RequireAsync(TestContext.Current.CancellationToken);

        int code = await new ThrowAway { MailToFiles = true }.RunAsync(async (platform, stop) =>
        {
            await platform.StartAsync(stop);
            platform.DeclareReady();
            using var folder = new TemporaryFolder();
            var server = new PrometheusServer(folder.File("prometheus"), FreePort.Take(new HashSet<int>()));
            using Process process = server.Configure(platform.State, Every).StartLogged(folder.File("prometheus.log"));
            try
            {
                await server.WaitAsync(folder.File("prometheus.log"), stop);
                // Rates are of what happens between two readings, so the story is told while it is being read.
                await Task.Delay(2 * Every, stop);
                await Story.PlayAsync(platform.State);
                await CheckAsync(server, stop);
            }
            finally
            {
                await (RunningProcess.Of(process.Id)?.EndAsync(Posix.Terminate, TimeSpan.FromSeconds(10)) ?? Task.CompletedTask);
            }
            return 0;
        });

        code.ShouldBe(0);
    }

    private static async Task CheckAsync(PrometheusServer server, CancellationToken ct)
    {
        using var http = new HttpClient { BaseAddress = new Uri(server.Url) };
        (string Panel, string Query)[] open = [.. Directory.GetFiles(Path.Combine(Workspace.Root, "deploy", "grafana"), "*.json").Where(f => !OfOthers.Contains(Path.GetFileName(f))).SelectMany(Queries)];
        open.Length.ShouldBeGreaterThan(50);
        for (var waited = Stopwatch.StartNew(); waited.Elapsed < Limit && open.Length > 0; await Task.Delay(Every, ct))
        {
            bool[] there = await Task.WhenAll(open.Select(async q => (await QueryAsync(http, q.Query, ct)).GetArrayLength() > 0));
            open = [.. open.Where((_, i) => !there[i])];
        }
        open.ShouldBeEmpty("panels without data");

        JsonElement alerts = (await GetAsync(http, "/api/v1/alerts", ct)).GetProperty("alerts");
        alerts.EnumerateArray().Where(a => a.GetProperty("state").GetString() == "firing").Select(a => a.GetRawText()).ShouldBeEmpty();
        JsonElement groups = (await GetAsync(http, "/api/v1/rules", ct)).GetProperty("groups");
        groups.EnumerateArray().SelectMany(g => g.GetProperty("rules").EnumerateArray()).ShouldAllBe(r => r.GetProperty("health").GetString() == "ok");
    }

    private static IEnumerable<(string, string)> Queries(string file) => JsonNode.Parse(File.ReadAllText(file))!["panels"]!.AsArray().SelectMany(panel => panel!["targets"]!.AsArray().Select(target => (
        $"{Path.GetFileName(file)}: {panel["title"]!.GetValue<string>()}",
        target!["expr"]!.GetValue<string>().Replace("$__rate_interval", "1m", StringComparison.Ordinal).Replace("$job", ".*", StringComparison.Ordinal))));

    private static async Task<JsonElement> QueryAsync(HttpClient http, string query, CancellationToken ct) =>
        (await GetAsync(http, "/api/v1/query?query=" + Uri.EscapeDataString(query), ct)).GetProperty("result");

    private static async Task<JsonElement> GetAsync(HttpClient http, string path, CancellationToken ct)
    {
        using HttpResponseMessage answer = await http.GetAsync(new Uri(path, UriKind.Relative), ct);
        string text = await answer.Content.ReadAsStringAsync(ct);
        answer.IsSuccessStatusCode.ShouldBeTrue($"{path}: {text}");
        return JsonDocument.Parse(text).RootElement.GetProperty("data");
    }
}
