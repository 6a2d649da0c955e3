using System.Text;
using BookSaga.Chart.Tests.Templates;

namespace BookSaga.Chart.Tests;

/// <summary>No container needs root, write access or a capability; no secret is where it could be read by accident; only who must talk may.</summary>
public sealed class SecurityTests
{
    [Theory]
    [MemberData(nameof(Switches.Names), MemberType = typeof(Switches))]
    public void No_container_is_root_or_writes_to_its_image_or_has_a_capability(string name)
    {
        foreach (Manifest manifest in Manifest.All(Switches.All[name]).Where(m => m.Pod is not null))
        {
            string who = $"{manifest.Kind} {manifest.Name}";
            var pod = (IDictionary<string, object?>)manifest.Pod!["spec"]!;
            pod.At("securityContext", "runAsNonRoot").ShouldBe(true, who);
            ((double)pod.At("securityContext", "runAsUser")!).ShouldBeGreaterThan(0, who);
            pod.At("securityContext", "seccompProfile", "type").ShouldBe("RuntimeDefault", who);
            pod.At("securityContext", "fsGroupChangePolicy").ShouldBe("OnRootMismatch", $"{who}: files that only their owner may read stay so");
            pod["automountServiceAccountToken"].ShouldBe(false, who);
            foreach (IDictionary<string, object?> container in manifest.Containers)
            {
                container.At("securityContext", "allowPrivilegeEscalation").ShouldBe(false, who);
                container.At("securityContext", "readOnlyRootFilesystem").ShouldBe(true, who);
                container.Strings("securityContext", "capabilities", "drop").ShouldBe(["ALL"], who);
                container.At("resources", "limits", "memory").ShouldNotBeNull(who);
            }
        }
    }

    [Fact]
    public void Our_own_services_write_nowhere_at_all()
    {
        foreach (Manifest manifest in Manifest.All().Where(m => m.File is "deployment.yaml" or "migration.yaml"))
        {
            manifest.Pod!.Maps("spec", "volumes").ShouldAllBe(volume => volume.ContainsKey("projected"));
            manifest.Containers.Single().Maps("volumeMounts").ShouldAllBe(mount => true.Equals(mount["readOnly"]));
        }
    }

    [Theory]
    [MemberData(nameof(Switches.Names), MemberType = typeof(Switches))]
    public void Passwords_are_in_Secrets_and_nowhere_else(string name)
    {
        IReadOnlyList<Manifest> all = Manifest.All(Switches.All[name]);
        string[] passwords = [.. Passwords(all).Values];

        all.SelectMany(m => m.Containers).SelectMany(c => c.Maps("env")).ShouldAllBe(variable => variable.ContainsKey("value"), "no variable comes from a Secret: an environment is printed too easily");
        foreach (Manifest manifest in all.Where(m => m.Kind != "Secret"))
        {
            passwords.ShouldAllBe(password => !manifest.Text.Contains(password, StringComparison.Ordinal), $"{manifest.Kind} {manifest.Name}");
        }
        Manifest.Notes(Switches.All[name]).ShouldNotContain("password:");
    }

    [Fact]
    public void Passwords_are_long_all_different_and_new_for_each_installation()
    {
        string[] one = [.. Passwords(Manifest.All()).Values];
        string[] other = [.. Passwords(Manifest.All()).Values];

        one.Length.ShouldBeGreaterThan(14);
        one.Concat(other).ShouldBeUnique();
        one.ShouldAllBe(password => password.Length == 32);
    }

    [Fact]
    public void An_upgrade_keeps_every_password_and_makes_those_that_are_new()
    {
        Dictionary<string, string> before = Passwords(Manifest.All("services: { web: { enabled: false } }"));
        before.Remove("db-web");
        var data = before.ToDictionary(p => p.Key, p => (object?)Convert.ToBase64String(Encoding.UTF8.GetBytes(p.Value)));

        IReadOnlyList<Manifest> upgraded = Manifest.All(ChartRenderer.Values(), (kind, name) => (kind, name) == ("Secret", "booksaga-passwords") ? new Dictionary<string, object?> { ["data"] = data } : null);

        Dictionary<string, string> after = Passwords(upgraded);
        foreach ((string key, string password) in before)
        {
            after[key].ShouldBe(password);
        }
        after["db-web"].Length.ShouldBe(32);
        upgraded.Single(m => m.Kind == "Secret" && m.Name == "customer-settings").Value.At("stringData", "Database__Url")
            .ShouldBe($"postgres://customer:{before["db-customer"]}@postgres:5432/customer");
        upgraded.Single(m => m.Kind == "Secret" && m.Name == "booksaga-passwords").Value.At("metadata", "annotations", "helm.sh/resource-policy").ShouldBe("keep");
    }

    [Fact]
    public void Passwords_of_your_own_must_be_complete()
    {
        var data = new Dictionary<string, object?> { ["postgres"] = "cGFzcw==" };

        Should.Throw<InvalidOperationException>(() => Manifest.All(ChartRenderer.Values("secrets: { existingPasswords: mine }"), (kind, name) => name == "mine" ? new Dictionary<string, object?> { ["data"] = data } : null))
            .Message.ShouldContain("the Secret mine has no key rabbitmq");
    }

    [Fact]
    public void The_same_password_opens_on_both_sides()
    {
        IReadOnlyList<Manifest> all = Manifest.All("postgresql: { mode: CloudNativePG }");
        Dictionary<string, string> passwords = Passwords(all);
        string Setting(string secret, string key) => (string)all.Single(m => m.Kind == "Secret" && m.Name == secret).Value.At("stringData", key)!;

        foreach (string service in (string[])["company", "customer", "booking", "payment", "notification"])
        {
            Setting($"{service}-settings", "Auth__ClientSecret").ShouldBe(passwords[$"client-{service}"]);
            Setting("keycloak-settings", "booksaga-realm.json").ShouldContain($"\"secret\": \"{passwords[$"client-{service}"]}\"");
            Setting($"db-{service}", "password").ShouldBe(passwords[$"db-{service}"]);
            Setting($"{service}-settings", "Database__Url").ShouldBe($"postgres://{service}:{passwords[$"db-{service}"]}@postgres-rw:5432/{service}?sslmode=Require");
            Setting($"{service}-settings", "Events__RabbitMq__Url").ShouldBe($"amqp://booksaga:{passwords["rabbitmq"]}@rabbitmq:5672");
        }
        Setting("keycloak-settings", "booksaga-realm.json").ShouldNotMatch(@"\$\{[A-Z]", "Keycloak's own placeholders are of small letters");
        Setting("keycloak-settings", "keycloak.conf").ShouldContain($"db-password={passwords["db-keycloak"]}");
        Setting("rabbitmq-settings", "default_user.conf").ShouldContain($"default_pass = {passwords["rabbitmq"]}");
    }

    [Theory]
    [MemberData(nameof(Switches.Names), MemberType = typeof(Switches))]
    public void Whoever_is_called_lets_the_caller_in_and_whoever_calls_may_go_out(string name)
    {
        IReadOnlyList<Manifest> all = Manifest.All(Switches.All[name]);
        Dictionary<string, Manifest> policies = all.Where(m => m.Kind == "NetworkPolicy").ToDictionary(m => m.Name);
        if (policies.Count == 0)
        {
            return;
        }
        foreach (Manifest deployment in all.Where(m => m.File is "deployment.yaml"))
        {
            foreach ((string callee, double port) in Calls(deployment).Where(c => policies.ContainsKey(c.Callee)))
            {
                Allows(policies[callee], "ingress", "from", deployment.Name, port).ShouldBeTrue($"{callee} does not let {deployment.Name} in at {port}");
                Allows(policies[deployment.Name], "egress", "to", callee, port).ShouldBeTrue($"{deployment.Name} may not go to {callee} at {port}");
            }
        }
    }

    [Fact]
    public void Strangers_are_not_let_in()
    {
        Dictionary<string, Manifest> policies = Manifest.All().Where(m => m.Kind == "NetworkPolicy").ToDictionary(m => m.Name);

        Allows(policies["payment"], "ingress", "from", "notification", 8081).ShouldBeFalse();
        Allows(policies["payment"], "ingress", "from", "web", 8080).ShouldBeFalse();
        Allows(policies["postgres"], "ingress", "from", "krakend", 5432).ShouldBeFalse();
        Allows(policies["booking"], "egress", "to", "mailpit", 1025).ShouldBeFalse();
        policies["postgres"].Value.Maps("spec", "ingress").ShouldAllBe(rule => rule.ContainsKey("from"));
    }

    // From the settings: http://customer:8080, dns:///customer-grpc:8081, smtp://mailpit:1025; the database and the broker from the secrets.
    private static IEnumerable<(string Callee, double Port)> Calls(Manifest deployment)
    {
        foreach (string value in deployment.Containers.Single().Maps("env").Select(v => (string)v["value"]!).Where(v => v.Contains("://", StringComparison.Ordinal)))
        {
            string[] host = value.Split("://")[1].TrimStart('/').Split('/')[0].Split(':');
            if (host.Length == 2)
            {
                yield return (host[0].Replace("-grpc", "", StringComparison.Ordinal), double.Parse(host[1], System.Globalization.CultureInfo.InvariantCulture));
            }
        }
        if (deployment.Name is not "gateway")
        {
            yield return ("postgres", 5432);
        }
        if (deployment.Text.Contains("Events__Transport", StringComparison.Ordinal))
        {
            yield return ("rabbitmq", 5672);
        }
    }

    private static bool Allows(Manifest policy, string direction, string peers, string name, double port) =>
        !policy.Value.Strings("spec", "policyTypes").Contains(direction == "ingress" ? "Ingress" : "Egress")
        || policy.Value.Maps("spec", direction).Any(rule =>
            (!rule.ContainsKey("ports") || rule.Maps("ports").Any(p => Equals(p["port"], port)))
            && (!rule.ContainsKey(peers) || rule.Maps(peers).Any(peer => peer.Maps("podSelector", "matchExpressions").Any(e => e.Strings("values").Contains(name))
                || (peer.At("podSelector", "matchLabels", "cnpg.io/cluster") as string)?.StartsWith(name, StringComparison.Ordinal) == true)));

    private static Dictionary<string, string> Passwords(IReadOnlyList<Manifest> all) =>
        (all.SingleOrDefault(m => m.Kind == "Secret" && m.Name == "booksaga-passwords")?.Value["data"] as IDictionary<string, object?> ?? new Dictionary<string, object?>())
        .ToDictionary(p => p.Key, p => Encoding.UTF8.GetString(Convert.FromBase64String((string)p.Value!)));
}
