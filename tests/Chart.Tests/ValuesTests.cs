using System.Text.RegularExpressions;
using BookSaga.Chart.Tests.Templates;

namespace BookSaga.Chart.Tests;

/// <summary>values.schema.json takes what the chart can make something of, and refuses the rest by name.</summary>
public sealed partial class ValuesTests
{
    [Theory]
    [MemberData(nameof(Switches.Names), MemberType = typeof(Switches))]
    public void Every_case_is_valid(string name) => Schemas.Errors(Schemas.Values, ChartRenderer.Values(Switches.All[name])).ShouldBeEmpty();

    [Theory]
    [InlineData("entry: { kind: Nginx }")]
    [InlineData("entry: { knd: Ingress }")]
    [InlineData("hosts: { platform: 'https://booksaga.local' }")]
    [InlineData("tls: { enabled: 'yes' }")]
    [InlineData("defaults: { replicas: 0 }")]
    [InlineData("defaults: { shutdown: { delay: 60 } }")]
    [InlineData("defaults: { resources: { requests: { cpu: lots } } }")]
    [InlineData("services: { booking: { replica: 2 } }")]
    [InlineData("services: { booking: { client: { id: booking, secret: other } } }")]
    [InlineData("postgresql: { mode: Oracle }")]
    [InlineData("postgresql: { mode: External }")]
    [InlineData("postgresql: { backup: { enabled: true } }")]
    [InlineData("postgresql: { backup: { schedule: '0 3 * * *' } }")]
    [InlineData("rabbitmq: { mode: External }")]
    [InlineData("mail: { smtp: 'smtp://user:password@mail.example' }")]
    [InlineData("mail: { currency: roubles }")]
    [InlineData("keycloak: { image: 'quay.io/keycloak/keycloak:latest' }")]
    [InlineData("keycloak: { image: keycloak }")]
    [InlineData("monitoring: { interval: 15 }")]
    [InlineData("postgresql: { generation: 20261126 }")]
    [InlineData("unknown: { enabled: true }")]
    public void A_wrong_value_is_refused(string overlay) => Schemas.Errors(Schemas.Values, ChartRenderer.Values(overlay)).ShouldNotBeEmpty();

    [Fact]
    public void Images_are_official_and_of_a_named_version()
    {
        string[] images = [.. ImagePattern().Matches(Repository.Read("deploy", "chart", "values.yaml")).Select(m => m.Groups[1].Value)];

        images.Length.ShouldBe(7);
        images.ShouldAllBe(image => VersionPattern().IsMatch(image));
        images.ShouldAllBe(image => image.StartsWith("docker.io/library/", StringComparison.Ordinal) || image.StartsWith("quay.io/keycloak/", StringComparison.Ordinal)
            || image.StartsWith("ghcr.io/cloudnative-pg/", StringComparison.Ordinal) || image.StartsWith("docker.io/axllent/mailpit:", StringComparison.Ordinal));
    }

    [Fact]
    public void Every_key_of_the_values_has_a_word_of_explanation()
    {
        string[] lines = Repository.Read("deploy", "chart", "values.yaml").Split('\n');
        string[] bare = [.. lines.Index().Where(l => TopLevelPattern().IsMatch(l.Item) && !lines[l.Index - 1].StartsWith('#')).Select(l => l.Item)];

        bare.ShouldBe(["podDisruptionBudgets:"]);
    }

    // What the gateway generates, what the embedded identity provider imports, what Prometheus on one machine has: the chart has the same, not its like.
    [Theory]
    [InlineData("krakend.json", "deploy/krakend/krakend.json")]
    [InlineData("booksaga-realm.json", "deploy/keycloak/booksaga-realm.json")]
    [InlineData("rules.yaml", "deploy/prometheus/rules.yaml")]
    [InlineData("dashboards", "deploy/grafana")]
    public void Files_of_others_are_links_and_not_copies(string name, string source)
    {
        string link = Repository.File("deploy", "chart", "files", name);

        FileSystemInfo target = (Directory.Exists(link) ? Directory.ResolveLinkTarget(link, returnFinalTarget: true) : File.ResolveLinkTarget(link, returnFinalTarget: true)).ShouldNotBeNull();

        target.FullName.ShouldBe(Repository.File(source.Split('/')));
    }

    [Fact]
    public void The_gateway_of_the_cluster_has_the_generated_routes_with_this_clusters_addresses()
    {
        string generated = Repository.Read("deploy", "krakend", "krakend.json");
        string there = (string)Manifest.All().Single(m => m.Kind == "ConfigMap" && m.Name == "krakend").Value.At("data", "krakend.json")!;

        there.TrimEnd().ShouldBe(generated.Replace("http://localhost:8080/realms/booksaga", "http://id.booksaga.local/realms/booksaga", StringComparison.Ordinal).TrimEnd());
        ((string)Manifest.All("keycloak: { enabled: false }").Single(m => m.Kind == "ConfigMap" && m.Name == "krakend").Value.At("data", "krakend.json")!).ShouldNotContain("keycloak:8080");
    }

    // Our own settings in the chart are settings that exist.
    [Theory]
    [InlineData("production")]
    [InlineData("everything our own")]
    [InlineData("try-out")]
    public void Every_setting_that_the_chart_gives_is_documented(string name)
    {
        string documented = Repository.Read("docs", "settings.md");
        IReadOnlyList<Manifest> all = Manifest.All(Switches.All[name]);
        IEnumerable<string> settings = all.Where(m => m.File == "deployment.yaml").SelectMany(m => m.Containers.Single().Maps("env").Select(v => (string)v["name"]!))
            .Concat(all.Where(m => m.Kind == "Secret" && m.File == "secrets.yaml" && m.Value.At("stringData", "Auth__Audience") is not null).SelectMany(m => ((IDictionary<string, object?>)m.Value["stringData"]!).Keys));

        bool web = documented.Contains("\n## Web\n", StringComparison.Ordinal);
        settings.Distinct().Where(s => !s.StartsWith("DOTNET_", StringComparison.Ordinal) && (web || !(s.StartsWith("Web__", StringComparison.Ordinal) || s == "Backends__web")))
            .Where(s => !documented.Contains($"`{s.Replace("__", ":", StringComparison.Ordinal)}`", StringComparison.Ordinal)
                && !documented.Contains($"`:{s.Replace("__", ":", StringComparison.Ordinal).Split(':')[^1]}`", StringComparison.Ordinal))
            .ShouldBeEmpty();
    }

    [GeneratedRegex(@"^  (?:clusterI|i)mage: (\S+)$", RegexOptions.Multiline)]
    private static partial Regex ImagePattern();

    [GeneratedRegex(@":v?\d+\.\d+(\.\d+)?(-[a-z-]+)?$")]
    private static partial Regex VersionPattern();

    [GeneratedRegex(@"^[a-zA-Z-]+:")]
    private static partial Regex TopLevelPattern();
}
