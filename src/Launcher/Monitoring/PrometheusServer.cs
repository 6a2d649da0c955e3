using System.Diagnostics;
using System.Globalization;
using System.Text;
using BookSaga.Launcher.Processes;

namespace BookSaga.Launcher.Monitoring;

/// <summary>Prometheus on one machine: it asks every process of a platform for its metrics, and has the alerts of <c>deploy/prometheus/rules.yaml</c>.</summary>
/// <param name="folder">Its own: configuration and data.</param>
/// <param name="port">On 127.0.0.1.</param>
internal sealed class PrometheusServer(string folder, int port)
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(1);

    /// <summary>The alerts, the same as the chart's.</summary>
    internal static string Rules { get; } = Path.Combine(Workspace.Root, "deploy", "prometheus", "rules.yaml");

    internal string Url => "http://127.0.0.1:" + port.ToString(CultureInfo.InvariantCulture);

    /// <summary>Installs Prometheus where it is missing.</summary>
    /// <exception cref="Failure">It is missing and cannot be installed.</exception>
    internal static async Task RequireAsync(CancellationToken ct)
    {
        (int code, string output) = await new Command("/bin/sh", [Path.Combine(Workspace.Root, "tools", "install.sh"), "prometheus"]).RunAsync(ct);
        if (code != 0)
        {
            throw new Failure(output.Trim().Split('\n')[^1]);
        }
    }

    /// <summary>Writes the configuration for <paramref name="platform"/> and gives the command that serves it until SIGTERM.</summary>
    /// <param name="platform">Whose processes are asked.</param>
    /// <param name="every">How often.</param>
    internal Command Configure(PlatformState platform, TimeSpan every)
    {
        Directory.CreateDirectory(folder);
        string file = Path.Combine(folder, "prometheus.yml");
        File.WriteAllText(file, Configuration(platform, every));
        return new Command("prometheus",
        [
            $"--config.file={file}", $"--storage.tsdb.path={Path.Combine(folder, "data")}", "--storage.tsdb.retention.time=7d",
            $"--web.listen-address={Url["http://".Length..]}", "--log.level=warn",
        ])
        { Directory = folder };
    }

    /// <summary>Waits until it answers.</summary>
    /// <exception cref="Failure">It does not within half a minute.</exception>
    internal async Task WaitAsync(string log, CancellationToken ct)
    {
        using var http = new HttpClient();
        for (var waited = Stopwatch.StartNew(); waited.Elapsed < Limit; await Task.Delay(TimeSpan.FromMilliseconds(100), ct))
        {
            try
            {
                using HttpResponseMessage answer = await http.GetAsync(new Uri(Url + "/-/ready"), ct);
                if (answer.IsSuccessStatusCode)
                {
                    return;
                }
            }
            catch (HttpRequestException)
            {
                // it does not listen yet
            }
        }
        throw new Failure($"Prometheus did not start within {Limit.TotalSeconds:0} s; its log is {log}.");
    }

    // As in a cluster, `job` is the service's name.
    private static string Configuration(PlatformState platform, TimeSpan every)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"global: {{ scrape_interval: {every.TotalSeconds:0}s, evaluation_interval: {every.TotalSeconds:0}s }}\nrule_files: ['{Rules}']\nscrape_configs:\n");
        foreach (IGrouping<string, ProcessState> service in platform.Processes.Where(p => !PlatformState.IsForeign(p.Name)).GroupBy(p => p.Name.Split('-')[0]))
        {
            string targets = string.Join(", ", service.Select(p => FormattableString.Invariant($"'127.0.0.1:{p.MetricsPort ?? p.Port}'")));
            text.Append(CultureInfo.InvariantCulture, $"  - {{ job_name: {service.Key}, static_configs: [{{ targets: [{targets}] }}] }}\n");
        }
        return text.ToString();
    }
}
