using BookSaga.Chart.Tests.Templates;
using k8s;

namespace BookSaga.Chart.Tests;

/// <summary>What the chart makes is what Kubernetes takes, whatever is switched.</summary>
public sealed class ManifestTests
{
    [Theory]
    [MemberData(nameof(Switches.Names), MemberType = typeof(Switches))]
    public void Every_object_has_only_fields_that_Kubernetes_knows_and_of_its_types(string name)
    {
        IReadOnlyList<Manifest> all = Manifest.All(Switches.All[name]);

        all.Count.ShouldBeGreaterThan(30);
        foreach (Manifest manifest in all.Where(m => m.IsBuiltIn))
        {
            Should.NotThrow(() => KubernetesYaml.LoadAllFromString(manifest.Text, null, true), $"{manifest.Kind} {manifest.Name}:\n{manifest.Text}").Count.ShouldBe(1);
        }
        all.Select(m => $"{m.ApiVersion} {m.Kind} {m.Name}").ShouldBeUnique();
        all.Where(m => m.Text.Contains("<no value>", StringComparison.Ordinal)).ShouldBeEmpty();
    }

    [Fact]
    public void A_wrong_field_or_type_would_be_seen()
    {
        string good = Manifest.All().First(m => m.Kind == "Deployment").Text;

        Should.Throw<Exception>(() => KubernetesYaml.LoadAllFromString(good.Replace("minReadySeconds", "minReadySecond", StringComparison.Ordinal), null, true));
        Should.Throw<Exception>(() => KubernetesYaml.LoadAllFromString(good.Replace("minReadySeconds: 5", "minReadySeconds: soon", StringComparison.Ordinal), null, true));
    }

    // A switch that no case throws is a switch that nobody knows to work.
    [Fact]
    public void Every_switch_is_thrown_by_a_case()
    {
        Dictionary<string, HashSet<string>> seen = [];
        foreach (string overlay in Switches.All.Values)
        {
            Collect("", ChartRenderer.Values(overlay), seen);
        }
        string[] flags = [.. seen.Where(s => s.Value.Overlaps(["true", "false"])).Select(s => s.Key)];
        flags.Length.ShouldBeGreaterThan(15);
        // What a service is cannot be switched; whether it is there can, and is by its `unless` or for the web.
        flags.Where(f => seen[f].Count < 2 && !f.StartsWith(".services.", StringComparison.Ordinal)).ShouldBeEmpty();
        seen[".entry.kind"].Count.ShouldBe(3);
        seen[".postgresql.mode"].Count.ShouldBe(3);
        seen[".rabbitmq.mode"].Count.ShouldBe(4);
        seen[".tls.issuer.kind"].Count.ShouldBe(2);
    }

    [Theory]
    [MemberData(nameof(Switches.Names), MemberType = typeof(Switches))]
    public void What_is_referred_to_is_there(string name)
    {
        IReadOnlyList<Manifest> all = Manifest.All(Switches.All[name]);
        HashSet<string> named = [.. all.Select(m => $"{m.Kind}/{m.Name}")];
        List<string> missing = [];
        foreach (Manifest manifest in all)
        {
            missing.AddRange(References(manifest).Where(r => !named.Contains(r)).Select(r => $"{manifest.Kind}/{manifest.Name} needs {r}"));
        }
        // What somebody else gives: secrets of your own, and Grafana's service of the dependency.
        bool given = name.Contains("secrets of your own", StringComparison.Ordinal);
        missing.Where(m => !m.EndsWith("Secret/booksaga-smtp", StringComparison.Ordinal) && !m.EndsWith("Service/booksaga-grafana", StringComparison.Ordinal) && !(given && m.Contains("Secret/", StringComparison.Ordinal)))
            .ShouldBeEmpty();
    }

    [Theory]
    [MemberData(nameof(Switches.Names), MemberType = typeof(Switches))]
    public void Services_select_pods_that_there_are_and_ports_that_they_have(string name)
    {
        IReadOnlyList<Manifest> all = Manifest.All(Switches.All[name]);
        foreach (Manifest service in all.Where(m => m.Kind == "Service"))
        {
            var selector = (IDictionary<string, object?>)service.Value.At("spec", "selector")!;
            Manifest[] selected = [.. all.Where(m => m.Pod is { } pod && selector.All(s => Equals(pod.At("metadata", "labels", s.Key), s.Value)))];
            selected.Length.ShouldBe(1, $"{service.Name} selects {string.Join(", ", selected.Select(s => $"{s.Kind} {s.Name}"))}");
            string[] ports = [.. selected[0].Containers.SelectMany(c => c.Maps("ports")).Select(p => (string)p["name"]!)];
            foreach (IDictionary<string, object?> port in service.Value.Maps("spec", "ports"))
            {
                ports.ShouldContain((string)port["targetPort"]!, $"{service.Name}");
            }
        }
    }

    [Fact]
    public void Each_service_has_what_a_service_in_a_cluster_needs()
    {
        IReadOnlyList<Manifest> all = Manifest.All(Switches.Production, "{ keycloak: { enabled: false }, krakend: { enabled: false } }");
        foreach (string service in (string[])["company", "customer", "booking", "payment", "notification", "identity", "gateway", "web"])
        {
            string[] kinds = [.. all.Where(m => m.Name == service && m.Kind is not ("Database" or "Ingress")).Select(m => m.Kind)];
            kinds.ShouldBe(["Deployment", "Service", "ServiceAccount", "HorizontalPodAutoscaler", "PodDisruptionBudget", "NetworkPolicy", "ServiceMonitor"], ignoreOrder: true, service);
            all.Any(m => m.Kind == "Job" && m.Name == service + "-migration").ShouldBe(service != "gateway");
            (all.SingleOrDefault(m => m.Kind == "Service" && m.Name == service + "-grpc")?.Value.At("spec", "clusterIP") as string).ShouldBe(service is "identity" or "gateway" or "web" ? null : "None");
            IDictionary<string, object?> container = all.Single(m => m.Kind == "Deployment" && m.Name == service).Containers.Single();
            container.Keys.ShouldContain("startupProbe");
            container.Keys.ShouldContain("livenessProbe");
            container.At("readinessProbe", "httpGet", "path").ShouldBe("/readyz");
            container.At("resources", "requests", "memory").ShouldNotBeNull();
        }
    }

    // An update starts one more of each; ten are for the operator and the superuser.
    [Theory]
    [InlineData("try-out")]
    [InlineData("production")]
    public void Databases_take_the_connections_of_every_replica(string name)
    {
        IDictionary<string, object?> values = ChartRenderer.Values(Switches.All[name]);
        IReadOnlyList<Manifest> all = Manifest.All(Switches.All[name]);
        double Replicas(Manifest deployment) =>
            (double)(all.SingleOrDefault(m => m.Kind == "HorizontalPodAutoscaler" && m.Name == deployment.Name)?.Value.At("spec", "maxReplicas") ?? deployment.Value.At("spec", "replicas"))!;
        string? Server(Manifest deployment) =>
            (values.At("services", deployment.Name, "database", "cluster") ?? values.At(deployment.Name, "database", "cluster")) as string;

        Dictionary<string, double> connections = all.Where(m => m.Kind == "Deployment" && Server(m) is not null)
            .GroupBy(m => Server(m)!, m => (Replicas(m) + 1) * (m.Name == "keycloak" ? 20 : 12)).ToDictionary(g => g.Key, g => g.Sum());

        connections["postgres"].ShouldBeGreaterThan(100);
        connections.Values.Max().ShouldBeLessThanOrEqualTo((double)values.At("postgresql", "maxConnections")! - 10);
    }

    [Fact]
    public void A_part_that_is_switched_off_leaves_nothing_behind()
    {
        IReadOnlyList<Manifest> all = Manifest.All(Switches.All["everything our own"]);

        all.Select(m => m.Name).ShouldNotContain(n => n.Contains("keycloak", StringComparison.Ordinal) || n.Contains("krakend", StringComparison.Ordinal) || n.Contains("rabbitmq", StringComparison.Ordinal) || n.Contains("mailpit", StringComparison.Ordinal));
        string services = string.Concat(all.Where(m => m.File is "deployment.yaml" or "secrets.yaml").Select(m => m.Text));
        services.ShouldNotContain("RabbitMq", Case.Sensitive);
        services.ShouldContain("http://identity:8080/realms/booksaga");
        services.ShouldContain("smtp://mail.example:25");
    }

    [Fact]
    public void One_value_changes_the_entry_and_nothing_else()
    {
        string[] ingress = [.. Manifest.All().Select(m => $"{m.Kind} {m.Name}")];
        string[] routes = [.. Manifest.All("entry: { kind: HTTPRoute }").Select(m => $"{m.Kind} {m.Name}")];

        routes.Except(ingress).ShouldBe(["Gateway booksaga", "HTTPRoute events", "HTTPRoute api", "HTTPRoute docs", "HTTPRoute web", "HTTPRoute identity", "HTTPRoute mail"], ignoreOrder: true);
        ingress.Except(routes).ShouldBe(["Ingress events", "Ingress api", "Ingress docs", "Ingress web", "Ingress identity", "Ingress mail"], ignoreOrder: true);
    }

    [Theory]
    [InlineData("{}", "WARNING", false)]
    [InlineData("mailpit: { enabled: false }", "WARNING: no mail server is named", true)]
    [InlineData("entry: { kind: None }", "port-forward service/krakend", true)]
    [InlineData("tls: { enabled: true }", "https://booksaga.local", true)]
    public void The_notes_say_what_to_do_next(string overlay, string text, bool there) =>
        Manifest.Notes(overlay).Contains(text, StringComparison.Ordinal).ShouldBe(there);

    private static IEnumerable<string> References(Manifest manifest)
    {
        foreach (IDictionary<string, object?> volume in manifest.Pod?.Maps("spec", "volumes") ?? [])
        {
            if (volume.At("secret", "secretName") is string secret)
            {
                yield return "Secret/" + secret;
            }
            if (volume.At("configMap", "name") is string map)
            {
                yield return "ConfigMap/" + map;
            }
            foreach (IDictionary<string, object?> source in volume.Maps("projected", "sources"))
            {
                yield return "Secret/" + source.At("secret", "name");
            }
        }
        if (manifest.Pod?.At("spec", "serviceAccountName") is string account)
        {
            yield return "ServiceAccount/" + account;
        }
        if (manifest.Value.At("spec", "scaleTargetRef", "name") is string target)
        {
            yield return "Deployment/" + target;
        }
        foreach (IDictionary<string, object?> path in manifest.Value.Maps("spec", "rules").SelectMany(rule => rule.Maps("http", "paths")))
        {
            yield return "Service/" + path.At("backend", "service", "name");
        }
        foreach (IDictionary<string, object?> backend in manifest.Value.Maps("spec", "rules").SelectMany(rule => rule.Maps("backendRefs")))
        {
            yield return "Service/" + backend["name"];
        }
    }

    private static void Collect(string path, object? value, Dictionary<string, HashSet<string>> seen)
    {
        if (value is IDictionary<string, object?> map)
        {
            foreach ((string key, object? member) in map.Where(m => m.Key != "kube-prometheus-stack" || path.Length > 0))
            {
                Collect($"{path}.{key}", member, seen);
            }
        }
        else if (value is string or bool)
        {
            (seen.TryGetValue(path, out HashSet<string>? values) ? values : seen[path] = []).Add(value is bool truth ? truth ? "true" : "false" : (string)value);
        }
    }
}
