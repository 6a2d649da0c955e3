using System.Text.Json;
using System.Text.Json.Nodes;
using BookSaga.Chart.Tests.Templates;
using Json.Schema;

namespace BookSaga.Chart.Tests;

/// <summary>
/// Objects of operators have the fields that their published definitions have: CloudNativePG 1.30, its plugin barman-cloud 0.14, RabbitMQ cluster operator 2.22,
/// Prometheus operator 0.93, Gateway API 1.6, cert-manager 1.21. custom-resources.json holds those of them that the chart uses, with their types.
/// </summary>
public sealed class CustomResourceTests
{
    private static readonly Dictionary<string, JsonSchema> s_schemas = JsonNode.Parse(Repository.Read("tests", "Chart.Tests", "custom-resources.json"))!.AsObject()
        .ToDictionary(p => p.Key, p => JsonSchema.FromText(p.Value!.ToJsonString()));

    [Theory]
    [MemberData(nameof(Switches.Names), MemberType = typeof(Switches))]
    public void They_have_only_fields_that_their_definitions_have(string name)
    {
        foreach (Manifest manifest in Manifest.All(Switches.All[name]).Where(m => !m.IsBuiltIn))
        {
            s_schemas.ShouldContainKey($"{manifest.ApiVersion} {manifest.Kind}");
            Schemas.Errors(s_schemas[$"{manifest.ApiVersion} {manifest.Kind}"], manifest.Value["spec"]).ShouldBeEmpty($"{manifest.Kind} {manifest.Name}:\n{manifest.Text}");
        }
    }

    [Fact]
    public void All_of_them_are_made_by_some_case() =>
        Switches.All.Values.SelectMany(overlay => Manifest.All(overlay)).Where(m => !m.IsBuiltIn).Select(m => $"{m.ApiVersion} {m.Kind}").Distinct().ShouldBe(s_schemas.Keys, ignoreOrder: true);

    [Fact]
    public void Every_database_has_its_role_and_its_cluster()
    {
        IReadOnlyList<Manifest> all = Manifest.All(Switches.Production);
        Manifest[] clusters = [.. all.Where(m => m.Kind == "Cluster")];
        Manifest[] databases = [.. all.Where(m => m.Kind == "Database")];

        databases.Select(m => m.Name).ShouldBe(["booking", "company", "customer", "keycloak", "notification", "payment", "web"], ignoreOrder: true);
        foreach (Manifest database in databases)
        {
            Manifest cluster = clusters.Single(c => c.Name == (string)database.Value.At("spec", "cluster", "name")!);
            cluster.Value.Maps("spec", "managed", "roles").Single(r => Equals(r["name"], database.Name)).At("passwordSecret", "name").ShouldBe("db-" + database.Name);
        }
        databases.Single(d => d.Name == "keycloak").Value.At("spec", "cluster", "name").ShouldBe("postgres-identity");
        // One cluster, one log: a point in time is the same moment in all of the services' databases.
        databases.Where(d => d.Name != "keycloak").Select(d => d.Value.At("spec", "cluster", "name")).Distinct().ShouldBe(["postgres"]);
    }

    // lower() and to_tsvector() fold by the database's ctype; C knows ASCII alone.
    [Fact]
    public void Databases_of_the_operator_fold_letters_as_those_of_the_StatefulSet_do()
    {
        Manifest server = Manifest.All().Single(m => m.Kind == "StatefulSet" && m.Name == "postgres");
        Manifest cluster = Manifest.All(Switches.All["CloudNativePG"]).Single(m => m.Kind == "Cluster");

        server.Text.ShouldContain("--encoding=UTF8 --locale=C.UTF-8", Case.Sensitive);
        cluster.Value.At("spec", "bootstrap", "initdb", "encoding").ShouldBe("UTF8");
        cluster.Value.At("spec", "bootstrap", "initdb", "localeCollate").ShouldBe("C.UTF-8");
        cluster.Value.At("spec", "bootstrap", "initdb", "localeCType").ShouldBe("C.UTF-8");
    }

    [Fact]
    public void A_restored_cluster_reads_the_old_backup_and_writes_another()
    {
        Manifest cluster = Manifest.All(Switches.All["CloudNativePG, restored"]).Single(m => m.Kind == "Cluster");

        cluster.Value.Maps("spec", "externalClusters").Single().At("plugin", "parameters", "serverName").ShouldBe("postgres-1");
        cluster.Value.Maps("spec", "plugins").Single().At("parameters", "serverName").ShouldBe("postgres-2");
        cluster.Value.At("spec", "bootstrap", "recovery", "recoveryTarget", "targetTime").ShouldBe("2026-11-26T10:00:00Z");
    }
}

/// <summary>Checks values against JSON schemas.</summary>
internal static class Schemas
{
    /// <summary>What the chart takes.</summary>
    public static readonly JsonSchema Values = JsonSchema.FromText(Repository.Read("deploy", "chart", "values.schema.json"));

    public static IReadOnlyList<string> Errors(JsonSchema schema, object? value)
    {
        EvaluationResults results = schema.Evaluate(JsonSerializer.SerializeToElement(value), new EvaluationOptions { OutputFormat = OutputFormat.List });
        return results.IsValid ? [] : [.. (results.Details ?? []).Where(d => d.Errors is { Count: > 0 }).SelectMany(d => d.Errors!.Select(e => $"{d.InstanceLocation}: {e.Value}"))];
    }
}
