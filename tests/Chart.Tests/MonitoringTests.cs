using System.Diagnostics;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using BookSaga.Chart.Tests.Templates;

namespace BookSaga.Chart.Tests;

/// <summary>Alerts and dashboards speak of metrics that exist, and each alert has a case and a page of what to do.</summary>
public sealed partial class MonitoringTests
{
    // What other programs export, by their own documentation and code: Prometheus itself, ASP.NET Core and .NET 10, Npgsql 10, KrakenD 2.13 with the conventions of
    // OpenTelemetry 1.27, CloudNativePG 1.30 with plugin barman-cloud 0.14, RabbitMQ 4.3, ingress-nginx 1.15, cert-manager 1.21, the kubelet.
    private static readonly HashSet<string> s_others =
    [
        "up",
        "http_server_request_duration_seconds_bucket", "http_server_request_duration_seconds_count", "http_server_active_requests",
        "dotnet_process_cpu_time_seconds_total", "dotnet_process_memory_working_set_bytes", "dotnet_gc_pause_time_seconds_total", "dotnet_thread_pool_queue_length_total",
        "db_client_operation_duration_seconds_bucket", "db_client_operation_duration_seconds_count", "db_client_connection_count",
        "cnpg_collector_up", "cnpg_collector_wal_bytes", "cnpg_backends_total", "cnpg_backends_max_tx_duration_seconds", "cnpg_pg_replication_lag", "cnpg_pg_replication_streaming_replicas",
        "cnpg_pg_settings_setting", "cnpg_pg_stat_archiver_last_archived_time", "cnpg_pg_stat_archiver_last_failed_time", "cnpg_pg_stat_database_blks_hit", "cnpg_pg_stat_database_blks_read",
        "cnpg_pg_stat_database_deadlocks", "cnpg_pg_stat_database_xact_commit", "cnpg_pg_stat_database_xact_rollback", "barman_cloud_cloudnative_pg_io_last_available_backup_timestamp",
        "rabbitmq_alarms_free_disk_space_watermark", "rabbitmq_alarms_memory_used_watermark", "rabbitmq_build_info", "rabbitmq_connections", "rabbitmq_disk_space_available_bytes",
        "rabbitmq_global_messages_acknowledged_total", "rabbitmq_global_messages_confirmed_total", "rabbitmq_global_messages_delivered_total", "rabbitmq_global_messages_received_total",
        "rabbitmq_global_messages_redelivered_total", "rabbitmq_global_messages_unroutable_dropped_total", "rabbitmq_global_messages_unroutable_returned_total",
        "rabbitmq_process_resident_memory_bytes", "rabbitmq_queue_messages_ready",
        "nginx_ingress_controller_requests", "nginx_ingress_controller_request_duration_seconds_bucket", "nginx_ingress_controller_nginx_process_connections",
        "certmanager_certificate_expiration_timestamp_seconds", "kubelet_volume_stats_available_bytes", "kubelet_volume_stats_capacity_bytes",
    ];

    private static readonly IDictionary<string, object?> s_rules = Yaml.ReadMap(Repository.Read("deploy", "prometheus", "rules.yaml"));

    private static IEnumerable<IDictionary<string, object?>> Alerts => s_rules.Maps("groups").SelectMany(g => g.Maps("rules")).Where(r => r.ContainsKey("alert"));

    public static TheoryData<string> Dashboards => [.. Directory.GetFiles(Repository.File("deploy", "grafana"), "*.json").Select(f => Path.GetFileName(f)!)];

    [Fact]
    public void Promtool_takes_the_rules() => Promtool("check", "rules", Repository.File("deploy", "prometheus", "rules.yaml")).ShouldContain("SUCCESS");

    [Fact]
    public void Every_alert_fires_when_it_should_and_not_before()
    {
        Promtool("test", "rules", Repository.File("deploy", "prometheus", "rules.test.yaml")).ShouldContain("SUCCESS");

        IDictionary<string, object?>[] cases = [.. Yaml.ReadMap(Repository.Read("deploy", "prometheus", "rules.test.yaml")).Maps("tests").SelectMany(t => t.Maps("alert_rule_test"))];
        string[] alerts = [.. Alerts.Select(a => (string)a["alert"]!)];
        cases.Where(c => c.Maps("exp_alerts").Any()).Select(c => c["alertname"]).Distinct().ShouldBe(alerts, ignoreOrder: true);
        cases.Where(c => !c.Maps("exp_alerts").Any()).Select(c => c["alertname"]).ShouldBe(alerts, ignoreOrder: true);
    }

    [Fact]
    public void Every_alert_has_a_severity_a_summary_and_a_page_of_what_to_do()
    {
        string operations = Repository.Read("docs", "operations.md");
        foreach (IDictionary<string, object?> alert in Alerts)
        {
            string name = (string)alert["alert"]!;
            alert.At("labels", "severity").ShouldBeOneOf("warning", "critical");
            alert.At("annotations", "summary").ShouldNotBeNull();
            alert.At("annotations", "runbook_url").ShouldBe($"docs/operations.md#{name.ToLowerInvariant()}");
            operations.ShouldContain($"\n### {name}\n", Case.Sensitive);
        }
    }

    [Fact]
    public void In_a_cluster_the_alerts_are_the_same_and_lead_to_where_the_pages_are()
    {
        Manifest rule = Manifest.All(Switches.All["monitoring"]).Single(m => m.Kind == "PrometheusRule");
        string[] there = [.. rule.Value.Maps("spec", "groups").SelectMany(g => g.Maps("rules")).Select(r => Yaml.WriteJson(r).Replace("https://git.example/booksaga/", "", StringComparison.Ordinal))];

        there.ShouldBe(s_rules.Maps("groups").SelectMany(g => g.Maps("rules")).Select(r => Yaml.WriteJson(r)));
        rule.Text.ShouldContain("runbook_url: https://git.example/booksaga/docs/operations.md#sagastuck");
    }

    // Prometheus names a series by its target, and CloudNativePG's metrics do not name their cluster.
    [Fact]
    public void What_rules_tell_apart_by_cluster_is_labelled_with_it()
    {
        Manifest monitor = Manifest.All(Switches.All["monitoring of operators' parts"]).Single(m => m.Kind == "PodMonitor" && m.Name == "postgres");

        IDictionary<string, object?> relabeling = monitor.Value.Maps("spec", "podMetricsEndpoints").Single().Maps("relabelings").Single();
        relabeling.Strings("sourceLabels").ShouldBe(["__meta_kubernetes_pod_label_cnpg_io_cluster"]);
        relabeling["targetLabel"].ShouldBe("cluster");
    }

    // `up` of a monitor without it has the job namespace/monitor, which no rule asks for.
    [Theory]
    [InlineData("production")]
    [InlineData("monitoring")]
    [InlineData("monitoring of operators' parts")]
    public void The_job_is_the_parts_name(string name)
    {
        Manifest[] monitors = [.. Manifest.All(Switches.All[name]).Where(m => m.Kind is "ServiceMonitor" or "PodMonitor")];

        monitors.Select(m => m.Name).ShouldContain("rabbitmq");
        monitors.Select(m => m.Value.At("spec", "jobLabel")).Distinct().ShouldBe(["app.kubernetes.io/name"]);
    }

    [Fact]
    public void Rules_and_dashboards_speak_only_of_metrics_that_exist()
    {
        string own = Repository.Read("docs", "metrics.md");
        HashSet<string> records = [.. s_rules.Maps("groups").SelectMany(g => g.Maps("rules")).Select(r => r.At("record") as string).OfType<string>()];
        IEnumerable<string> queries = s_rules.Maps("groups").SelectMany(g => g.Maps("rules")).Select(r => (string)r["expr"]!).Concat(Dashboards.SelectMany(d => Panels(d).SelectMany(Queries)));

        string[] metrics = [.. queries.SelectMany(MetricNames).Distinct()];

        metrics.Length.ShouldBeGreaterThan(50);
        metrics.Where(m => !records.Contains(m) && !s_others.Contains(m) && !own.Contains($"`{HistogramPart().Replace(m, "")}`", StringComparison.Ordinal)).ShouldBeEmpty();
        s_others.Except(metrics).ShouldBeEmpty("what is not used need not be listed");
    }

    // The other direction: a metric that we export and nobody looks at is one too many.
    [Fact]
    public void Every_metric_of_ours_is_on_a_dashboard()
    {
        string all = string.Concat(Dashboards.Select(d => Repository.Read("deploy", "grafana", d)));

        OwnMetric().Matches(Repository.Read("docs", "metrics.md")).Select(m => m.Groups[1].Value).Where(m => !all.Contains(m, StringComparison.Ordinal))
            .ShouldBe(["booksaga_webhooks_disabled_total", "booksaga_webhooks_oldest_waiting_seconds"], ignoreOrder: true);
    }

    [Theory]
    [MemberData(nameof(Dashboards))]
    public void A_dashboard_is_whole(string file)
    {
        JsonNode dashboard = JsonNode.Parse(Repository.Read("deploy", "grafana", file))!;
        JsonNode[] panels = [.. Panels(file)];

        dashboard["uid"]!.GetValue<string>().ShouldBe("booksaga-" + Path.GetFileNameWithoutExtension(file));
        dashboard["templating"]!["list"]!.AsArray().Select(v => v!["name"]!.GetValue<string>()).ShouldContain("datasource");
        panels.Select(p => p["id"]!.GetValue<int>()).ShouldBeUnique();
        panels.Select(p => p["title"]!.GetValue<string>()).ShouldBeUnique();
        panels.ShouldAllBe(p => p["datasource"]!["uid"]!.GetValue<string>() == "${datasource}" && p["targets"]!.AsArray().Count > 0 && p["fieldConfig"]!["defaults"]!["unit"] != null);
        panels.ShouldAllBe(p => p["gridPos"]!["x"]!.GetValue<int>() + p["gridPos"]!["w"]!.GetValue<int>() <= 24);
        Manifest.All(Switches.All["monitoring"]).Single(m => m.Kind == "ConfigMap" && m.Name == "dashboard-" + Path.GetFileNameWithoutExtension(file)).Value.At("metadata", "labels", "grafana_dashboard").ShouldBe("1");
    }

    private static IEnumerable<JsonNode> Panels(string file) => JsonNode.Parse(Repository.Read("deploy", "grafana", file))!["panels"]!.AsArray().Select(p => p!);

    private static IEnumerable<string> Queries(JsonNode panel) => panel["targets"]!.AsArray().Select(t => t!["expr"]!.GetValue<string>());

    // A word that is followed by neither a bracket nor an operator of grouping, outside of braces, quotes and label lists.
    private static IEnumerable<string> MetricNames(string query) =>
        NamePattern().Matches(Noise().Replace(query, " ")).Select(m => m.Value).Where(name => name.Contains('_', StringComparison.Ordinal) || name == "up");

    private static string Promtool(params string[] arguments)
    {
        using Process install = Process.Start(new ProcessStartInfo("/bin/sh", [Repository.File("tools", "install.sh"), "prometheus"]) { RedirectStandardOutput = true })!;
        string said = install.StandardOutput.ReadToEnd();
        install.WaitForExit();
        install.ExitCode.ShouldBe(0, said);
        using Process promtool = Process.Start(new ProcessStartInfo("promtool", arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        string output = promtool.StandardOutput.ReadToEnd() + promtool.StandardError.ReadToEnd();
        promtool.WaitForExit();
        promtool.ExitCode.ShouldBe(0, output);
        return output;
    }

    [GeneratedRegex(@"\{[^}]*\}|""[^""]*""|\[[^\]]*\]|\b(?:by|on|ignoring|without|group_left|group_right)\s*\([^)]*\)|\b[a-z_]+(?=\()")]
    private static partial Regex Noise();

    [GeneratedRegex(@"[a-z_][a-zA-Z0-9_:]*")]
    private static partial Regex NamePattern();

    [GeneratedRegex("_(bucket|count|sum)$")]
    private static partial Regex HistogramPart();

    [GeneratedRegex(@"^\| `(booksaga_[a-z_]+)`", RegexOptions.Multiline)]
    private static partial Regex OwnMetric();
}
