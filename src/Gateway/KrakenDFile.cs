using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace BookSaga.Gateway;

/// <summary>The route table as KrakenD's configuration, for clusters where KrakenD stands in the gateway's place.</summary>
/// <remarks>
/// Made by <c>dotnet run --project src/Gateway -- krakend [file]</c>, for another issuer with <c>Auth__Issuer=…</c> set.
/// Follows https://www.krakend.io/schema/v2.13/krakend.json, community edition. Keys that start with <c>@</c> are comments to KrakenD.
/// </remarks>
internal static class KrakenDFile
{
    // The address of a cluster whose gateway is forwarded to the own machine, and the same as that of a one-machine run.
    private const string DefaultIssuer = "http://localhost:8080/realms/booksaga";

    // Inside the cluster, where the services' names are addresses.
    private const string Realm = "/realms/booksaga";
    private const string KeycloakHost = "http://keycloak:8080";

    private static readonly GatewayOptions.TimeLimits s_timeLimits = new();
    private static readonly GatewayOptions.RateLimits s_rateLimits = new();

    // Where a load balancer in front may be; what it says of the client's address is believed.
    private static readonly string[] s_privateNetworks = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7"];

    private static readonly JsonSerializerOptions s_json = new() { WriteIndented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    // What programs need of the provider. The community edition has no wildcards and follows redirects itself, so a browser's
    // login, which is pages and redirects, can't go through it.
    private static readonly (string Method, string Path)[] s_openId =
    [
        ("GET", "/.well-known/openid-configuration"),
        ("GET", "/protocol/openid-connect/certs"),
        ("POST", "/protocol/openid-connect/token"),
        ("GET", "/protocol/openid-connect/userinfo"),
        ("POST", "/protocol/openid-connect/logout"),
    ];

    /// <summary>The checked-in file of the repository that <paramref name="inside"/> is a directory of.</summary>
    /// <exception cref="DirectoryNotFoundException">It is in none.</exception>
    internal static string CheckedIn(string inside)
    {
        DirectoryInfo? directory = new(inside);
        while (directory is not null && !File.Exists(Path.Combine(directory.FullName, "BookSaga.slnx")))
        {
            directory = directory.Parent;
        }
        return Path.Combine(directory?.FullName ?? throw new DirectoryNotFoundException("Not inside the repository: name the file."), "deploy", "krakend", "krakend.json");
    }

    /// <summary>Writes the file to <paramref name="path"/>.</summary>
    internal static async Task WriteAsync(string path, string? issuer)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        await File.WriteAllTextAsync(path, Render(issuer ?? DefaultIssuer));
    }

    /// <summary>The file's text.</summary>
    internal static string Render(string issuer = DefaultIssuer) => JsonSerializer.Serialize(Build(issuer), s_json) + "\n";

    private static JsonObject Build(string issuer) => new()
    {
        ["$schema"] = "https://www.krakend.io/schema/v2.13/krakend.json",
        ["@comment"] = Text(
            "Made from src/Gateway/RouteTable.cs by: dotnet run --project src/Gateway -- krakend. Do not edit; a test compares.",
            "For another public address: Auth__Issuer=https://host/realms/booksaga dotnet run --project src/Gateway -- krakend <file>.",
            "Community edition. It cannot limit the size of a body (max_payload is Enterprise): the services do, at 64 KB.",
            "Its own 401, 429, 500 and 503 have no body; the services' answers, problem+json among them, pass through as they are.",
            "It follows redirects itself and has no wildcards (both Enterprise): for the login pages of browsers let the ingress send /realms and /resources to Keycloak.",
            "It reads a whole answer before it passes it on: live events (…/bookings/{id}/events) are left out; let the ingress send them to the customer service.",
            "Literal paths beside parameters (/company/my, /company/{id}) are no conflict for its router, gin; parameters at one place have one name."),
        ["version"] = 3,
        ["name"] = "BookSaga",
        ["port"] = 8080,
        ["timeout"] = Duration(s_timeLimits.Of(Wait.Short)),
        ["cache_ttl"] = "0s",
        ["dialer_timeout"] = "2s",
        ["read_header_timeout"] = "10s",
        ["idle_timeout"] = "130s",
        ["idle_connection_timeout"] = "60s",
        ["max_idle_connections_per_host"] = 250,
        ["max_shutdown_wait_time"] = "30s",
        ["output_encoding"] = "no-op",
        ["debug_endpoint"] = false,
        ["echo_endpoint"] = false,
        ["extra_config"] = new JsonObject
        {
            ["router"] = new JsonObject
            {
                ["forwarded_by_client_ip"] = true,
                ["remote_ip_headers"] = Strings("X-Forwarded-For"),
                ["trusted_proxies"] = Strings(s_privateNetworks),
                ["disable_redirect_fixed_path"] = true,
                ["disable_redirect_trailing_slash"] = true,
                ["hide_version_header"] = true,
                ["health_path"] = "/__health",
                ["logger_skip_paths"] = Strings("/__health"),
                ["error_body"] = new JsonObject { ["404"] = Problem(404, "Not Found"), ["405"] = Problem(405, "Method Not Allowed") },
            },
            ["telemetry/logging"] = new JsonObject { ["level"] = "WARNING", ["prefix"] = "[KRAKEND]", ["stdout"] = true, ["syslog"] = false },
            ["telemetry/opentelemetry"] = new JsonObject
            {
                ["service_name"] = "gateway",
                ["metric_reporting_period"] = 10,
                ["skip_paths"] = Strings("/__health"),
                // The names that the services' own metrics have.
                ["layers"] = new JsonObject { ["global"] = new JsonObject { ["semantic_convention"] = "1.27" } },
                ["exporters"] = new JsonObject
                {
                    ["prometheus"] = new JsonArray(new JsonObject { ["name"] = "prometheus", ["port"] = 9090, ["process_metrics"] = true, ["go_metrics"] = true }),
                },
            },
        },
        ["endpoints"] = new JsonArray([.. RouteTable.Api.Where(route => route.Wait != Wait.Events).Select(route => ApiEndpoint(route, issuer)), .. s_openId.Select(OpenIdEndpoint)]),
    };

    private static JsonObject ApiEndpoint(Route route, string issuer)
    {
        JsonObject endpoint = Endpoint(route.Method, route.Path, $"http://{route.Backend.Name()}:8080", RouteTable.ApiHeaders, route.Query ?? [], s_timeLimits.Of(route.Wait));
        JsonObject extra = [];
        if (route.Access == Access.SignedIn)
        {
            extra["auth/validator"] = new JsonObject
            {
                ["alg"] = "RS256",
                ["jwk_url"] = KeycloakHost + Realm + "/protocol/openid-connect/certs",
                ["issuer"] = issuer,
                ["audience"] = Strings("booksaga"),
                ["cache"] = true,
                ["cache_duration"] = 300,
                ["failed_jwk_key_cooldown"] = "10s",
                ["leeway"] = "5s",
                ["disable_jwk_security"] = true,
            };
            extra["validation/cel"] = new JsonArray(new JsonObject { ["check_expr"] = "has(JWT.typ) && JWT.typ == 'Bearer'" });
        }
        extra["qos/ratelimit/router"] = RateLimit(route.Limit);
        endpoint["extra_config"] = extra;
        return endpoint;
    }

    // Counted for each endpoint and each replica: as many a second as the gateway has in progress, and no password guessers.
    private static JsonObject RateLimit(Limit limit) => limit == Limit.Login
        ? new() { ["strategy"] = "ip", ["client_max_rate"] = s_rateLimits.LoginPerMinute, ["client_capacity"] = s_rateLimits.LoginPerMinute, ["every"] = "1m" }
        : new() { ["max_rate"] = s_rateLimits.Concurrency, ["capacity"] = s_rateLimits.Concurrency, ["every"] = "1s" };

    private static JsonObject OpenIdEndpoint((string Method, string Path) address) =>
        Endpoint(address.Method, Realm + address.Path, KeycloakHost, RouteTable.IdentityHeaders, [], s_timeLimits.Short);

    private static JsonObject Endpoint(string method, string path, string host, IEnumerable<string> headers, string[] query, TimeSpan timeout)
    {
        JsonObject endpoint = new()
        {
            ["endpoint"] = path,
            ["method"] = method,
            ["output_encoding"] = "no-op",
            ["timeout"] = Duration(timeout),
            ["input_headers"] = Strings([.. headers]),
        };
        if (query.Length > 0)
        {
            endpoint["input_query_strings"] = Strings(query);
        }
        endpoint["backend"] = new JsonArray(new JsonObject { ["url_pattern"] = path, ["method"] = method, ["encoding"] = "no-op", ["host"] = Strings(host) });
        return endpoint;
    }

    private static JsonObject Problem(int status, string title) => new()
    {
        ["type"] = "urn:booksaga:" + title.ToLowerInvariant().Replace(' ', '_'),
        ["title"] = title,
        ["status"] = status,
        ["detail"] = title.ToLowerInvariant(),
        ["error"] = title.ToLowerInvariant(),
        ["code"] = title.ToLowerInvariant().Replace(' ', '_'),
    };

    private static JsonArray Text(params string[] lines) => Strings(lines);

    private static JsonArray Strings(params string[] values) => new([.. values.Select(value => JsonValue.Create(value))]);

    private static string Duration(TimeSpan time) => string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:F0}s");
}
