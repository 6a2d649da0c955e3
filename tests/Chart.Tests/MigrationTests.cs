using BookSaga.Chart.Tests.Templates;

namespace BookSaga.Chart.Tests;

/// <summary>Databases are brought to the new version before the new version starts, and the first time by the services themselves.</summary>
public sealed class MigrationTests
{
    private static Manifest Job(Func<string, string, object?>? cluster) =>
        Manifest.All(ChartRenderer.Values(), cluster).Single(m => m.Kind == "Job" && m.Name == "booking-migration");

    [Fact]
    public void The_first_time_the_database_is_made_by_the_same_installation_so_nothing_waits_for_it() =>
        Job(null).Value.At("metadata", "annotations", "helm.sh/hook").ShouldBe("post-install,post-upgrade");

    [Fact]
    public void At_an_upgrade_it_comes_first() =>
        Job((kind, name) => (kind, name) == ("Deployment", "booking") ? new Dictionary<string, object?> { ["kind"] = "Deployment" } : null)
            .Value.At("metadata", "annotations", "helm.sh/hook").ShouldBe("pre-upgrade");

    [Fact]
    public void It_runs_the_service_itself_with_the_same_settings()
    {
        IReadOnlyList<Manifest> all = Manifest.All();
        IDictionary<string, object?> job = Job(null).Containers.Single();
        IDictionary<string, object?> service = all.Single(m => m.Kind == "Deployment" && m.Name == "booking").Containers.Single();

        job.Strings("args").ShouldBe(["migrate"]);
        job["image"].ShouldBe(service["image"]);
        Yaml.WriteJson(job["env"]).ShouldBe(Yaml.WriteJson(service["env"]));
        // A service's pods are found by labels that the job's do not have.
        Job(null).Pod!.At("metadata", "labels", "app.kubernetes.io/component").ShouldBe("migration");
    }

    [Fact]
    public void The_grace_period_is_longer_than_a_stop_may_take()
    {
        foreach (Manifest deployment in Manifest.All(Switches.All["a service's own numbers"]).Where(m => m.File == "deployment.yaml"))
        {
            IDictionary<string, object?>[] env = [.. deployment.Containers.Single().Maps("env")];
            double Seconds(string name) => TimeSpan.Parse((string)env.Single(v => Equals(v["name"], name))["value"]!, System.Globalization.CultureInfo.InvariantCulture).TotalSeconds;

            ((double)deployment.Value.At("spec", "template", "spec", "terminationGracePeriodSeconds")!).ShouldBe(Seconds("Shutdown__Delay") + Seconds("Shutdown__Timeout") + 10);
            deployment.Value.At("spec", "strategy", "rollingUpdate", "maxUnavailable").ShouldBe(0d);
        }
    }
}
