using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace BookSaga.Gateway.Tests;

/// <summary>KrakenD itself cannot run here, so the rules of its published schema (v2.13) and of its router are checked by hand.</summary>
public sealed partial class KrakenDFileTests
{
    private static readonly Dictionary<string, string[]> s_keys = new()
    {
        ["root"] =
        [
            "$schema", "version", "name", "port", "timeout", "cache_ttl", "dialer_timeout", "read_header_timeout", "idle_timeout", "idle_connection_timeout",
            "max_idle_connections_per_host", "max_shutdown_wait_time", "output_encoding", "debug_endpoint", "echo_endpoint", "extra_config", "endpoints",
        ],
        ["endpoint"] = ["endpoint", "method", "output_encoding", "timeout", "input_headers", "input_query_strings", "backend", "extra_config"],
        ["backend"] = ["url_pattern", "method", "encoding", "host"],
        ["auth/validator"] = ["alg", "jwk_url", "issuer", "audience", "cache", "cache_duration", "failed_jwk_key_cooldown", "leeway", "disable_jwk_security"],
        ["qos/ratelimit/router"] = ["max_rate", "capacity", "strategy", "client_max_rate", "client_capacity", "every"],
        ["router"] = ["forwarded_by_client_ip", "remote_ip_headers", "trusted_proxies", "disable_redirect_fixed_path", "disable_redirect_trailing_slash", "hide_version_header", "health_path", "logger_skip_paths", "error_body"],
        ["telemetry/logging"] = ["level", "prefix", "stdout", "syslog"],
        ["telemetry/opentelemetry"] = ["service_name", "metric_reporting_period", "skip_paths", "layers", "exporters"],
    };

    private static readonly JsonObject s_file = JsonNode.Parse(KrakenDFile.Render())!.AsObject();

    private static IEnumerable<JsonObject> Endpoints => s_file["endpoints"]!.AsArray().Select(endpoint => endpoint!.AsObject());

    [Fact]
    public async Task The_checked_in_file_is_the_one_made_from_the_route_table()
    {
        string checkedIn = await File.ReadAllTextAsync(KrakenDFile.CheckedIn(AppContext.BaseDirectory));

        (checkedIn == KrakenDFile.Render()).ShouldBeTrue("run: dotnet run --project src/Gateway -- krakend");
    }

    [Fact]
    public async Task Another_issuer_goes_to_another_file()
    {
        string path = Path.Combine(Path.GetTempPath(), Guid.NewGuid().ToString("N"), "krakend.json");

        await KrakenDFile.WriteAsync(path, "https://book.example/realms/booksaga");

        string text = await File.ReadAllTextAsync(path);
        Directory.Delete(Path.GetDirectoryName(path)!, true);
        text.ShouldContain("\"issuer\": \"https://book.example/realms/booksaga\"");
        text.ShouldNotContain("localhost");
    }

    [Fact]
    public void Every_object_has_only_keys_that_the_schema_knows()
    {
        AssertKeys(s_file, "root");
        foreach (string component in new[] { "router", "telemetry/logging", "telemetry/opentelemetry" })
        {
            AssertKeys(s_file["extra_config"]![component]!.AsObject(), component);
        }
        foreach (JsonObject endpoint in Endpoints)
        {
            AssertKeys(endpoint, "endpoint");
            AssertKeys(endpoint["backend"]![0]!.AsObject(), "backend");
            foreach ((string component, JsonNode? settings) in endpoint["extra_config"]?.AsObject() ?? [])
            {
                if (component == "validation/cel")
                {
                    settings!.AsArray().Single()!.AsObject().Select(pair => pair.Key).ShouldBe(["check_expr"]);
                    continue;
                }
                AssertKeys(settings!.AsObject(), component);
            }
        }
    }

    [Fact]
    public void Values_have_the_forms_that_the_schema_asks_for()
    {
        s_file["version"]!.GetValue<int>().ShouldBe(3);
        s_file["$schema"]!.GetValue<string>().ShouldMatch(@"^https://www\.krakend\.io/schema/v2\.\d+/krakend\.json$");
        foreach (string duration in Durations())
        {
            duration.ShouldMatch("^[0-9]+(ns|ms|us|µs|s|m|h)$");
        }
        foreach (JsonObject endpoint in Endpoints)
        {
            string path = Text(endpoint, "endpoint");
            path.ShouldMatch(@"^/[^*?&%:]*$");
            path.Split('/').ShouldAllBe(segment => !segment.Contains('{') || Parameter().IsMatch(segment), path);
            Text(endpoint, "method").ShouldBeOneOf("GET", "POST", "PUT", "PATCH", "DELETE");
            foreach (string list in new[] { "input_headers", "input_query_strings" })
            {
                string[] values = [.. endpoint[list]?.AsArray().Select(value => value!.GetValue<string>()) ?? []];
                values.ShouldBeUnique();
                values.ShouldNotContain("*");
            }
        }
    }

    [Fact]
    public void Every_endpoint_passes_requests_and_answers_as_they_are_to_one_backend()
    {
        foreach (JsonObject endpoint in Endpoints)
        {
            Text(endpoint, "output_encoding").ShouldBe("no-op");
            JsonObject backend = endpoint["backend"]!.AsArray().Single()!.AsObject();
            Text(backend, "encoding").ShouldBe("no-op");
            Text(backend, "method").ShouldBe(Text(endpoint, "method"));
            Text(backend, "url_pattern").ShouldBe(Text(endpoint, "endpoint"));
            backend["host"]!.AsArray().Single()!.GetValue<string>().ShouldMatch("^http://[a-z]+:8080$");
        }
    }

    [Fact]
    public void No_two_endpoints_collide_in_its_router()
    {
        Endpoints.Select(endpoint => $"{Text(endpoint, "method")} {Text(endpoint, "endpoint")}").ShouldBeUnique();
        foreach (IGrouping<string, JsonObject> method in Endpoints.GroupBy(endpoint => Text(endpoint, "method")))
        {
            var names = new Dictionary<string, string>();
            foreach (string[] segments in method.Select(endpoint => Text(endpoint, "endpoint").Split('/')))
            {
                for (int i = 0; i < segments.Length; i++)
                {
                    if (Parameter().IsMatch(segments[i]))
                    {
                        string place = string.Join('/', segments.Take(i));
                        names.TryAdd(place, segments[i]);
                        names[place].ShouldBe(segments[i], $"two names for the parameter after {place}");
                    }
                }
            }
        }
    }

    [Fact]
    public void Every_route_is_there_with_its_token_check_its_rate_and_its_time()
    {
        foreach (Route route in RouteTable.Api.Where(r => r.Wait != Wait.Events))
        {
            JsonObject endpoint = Endpoints.Single(e => Text(e, "method") == route.Method && Text(e, "endpoint") == route.Path);
            JsonNode? extra = endpoint["extra_config"];
            (extra?["auth/validator"] is not null).ShouldBe(route.Access == Access.SignedIn);
            (extra?["validation/cel"] is not null).ShouldBe(route.Access == Access.SignedIn);
            (extra?["qos/ratelimit/router"]?["client_max_rate"] is not null).ShouldBe(route.Limit == Limit.Login);
            (extra?["qos/ratelimit/router"]?["max_rate"] is not null).ShouldBe(route.Limit == Limit.Usual);
            Text(endpoint, "timeout").ShouldBe(route.Wait == Wait.Saga ? "20s" : "15s");
            (endpoint["input_query_strings"]?.AsArray().Select(name => name!.GetValue<string>()) ?? []).ShouldBe(route.Query ?? []);
            endpoint["backend"]![0]!["host"]![0]!.GetValue<string>().ShouldBe($"http://{route.Backend.Name()}:8080");
        }
    }

    [Fact]
    public void What_helps_only_to_look_inside_is_off()
    {
        s_file["debug_endpoint"]!.GetValue<bool>().ShouldBeFalse();
        s_file["echo_endpoint"]!.GetValue<bool>().ShouldBeFalse();
    }

    [Fact]
    public void Nothing_of_the_identity_providers_administration_is_reachable()
    {
        Endpoints.Select(endpoint => Text(endpoint, "endpoint"))
            .ShouldAllBe(path => path.StartsWith("/api/v1/", StringComparison.Ordinal) || path.StartsWith("/realms/booksaga/", StringComparison.Ordinal));
    }

    private static IEnumerable<string> Durations()
    {
        foreach (string key in new[] { "timeout", "cache_ttl", "dialer_timeout", "read_header_timeout", "idle_timeout", "idle_connection_timeout", "max_shutdown_wait_time" })
        {
            yield return Text(s_file, key);
        }
        foreach (JsonObject endpoint in Endpoints)
        {
            yield return Text(endpoint, "timeout");
            JsonNode? extra = endpoint["extra_config"];
            if (extra?["auth/validator"] is JsonObject validator)
            {
                yield return Text(validator, "leeway");
                yield return Text(validator, "failed_jwk_key_cooldown");
            }
            if (extra?["qos/ratelimit/router"] is JsonObject rate)
            {
                yield return Text(rate, "every");
            }
        }
    }

    private static void AssertKeys(JsonObject node, string component)
    {
        s_keys.ShouldContainKey(component);
        foreach (string key in node.Select(pair => pair.Key).Where(key => key[0] != '@'))
        {
            s_keys[component].ShouldContain(key, component);
        }
    }

    private static string Text(JsonObject node, string key) => node[key]!.GetValue<string>();

    [GeneratedRegex(@"^\{[a-zA-Z\-_0-9]+\}$")]
    private static partial Regex Parameter();
}
