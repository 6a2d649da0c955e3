using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace BookSaga.Gateway.Tests;

public sealed partial class ApiDocumentTests(GatewayFixture fixture) : IClassFixture<GatewayFixture>
{
    [Fact]
    public async Task The_combined_document_has_every_public_route_and_no_other()
    {
        JsonObject document = await DocumentAsync(await GatewayAsync());

        var operations = document["paths"]!.AsObject().SelectMany(path => path.Value!.AsObject().Select(method => $"{method.Key.ToUpperInvariant()} {Parameter().Replace(path.Key, "{}")}")).ToList();
        operations.Order().ShouldBe(RouteTable.Api.Select(route => $"{route.Method} {Parameter().Replace(route.Path, "{}")}").Order());
    }

    [Fact]
    public async Task Schemas_of_the_same_name_stay_apart_and_every_reference_leads_somewhere()
    {
        JsonObject document = await DocumentAsync(await GatewayAsync());

        string[] schemas = [.. document["components"]!["schemas"]!.AsObject().Select(schema => schema.Key)];
        schemas.Order().ShouldBe(new[] { "booking", "company", "customer", "payment" }.SelectMany(name => new[] { $"{name}.Item", $"{name}.Request" }));
        document["components"]!["schemas"]!["payment.Request"]!["description"]!.GetValue<string>().ShouldBe("of payment");
        Reference().Matches(document.ToJsonString()).Select(match => match.Groups[1].Value).Distinct().ShouldBe(schemas, ignoreOrder: true);
    }

    [Fact]
    public async Task Every_operation_tells_the_form_of_its_errors()
    {
        JsonObject document = await DocumentAsync(await GatewayAsync());

        document["components"]!["responses"]!["Problem"]!["content"]!["application/problem+json"]!["schema"]!["properties"]!["error"].ShouldNotBeNull();
        document["paths"]!.AsObject().SelectMany(path => path.Value!.AsObject())
            .ShouldAllBe(operation => operation.Value!["responses"]!["default"]!["$ref"]!.GetValue<string>() == "#/components/responses/Problem");
    }

    [Fact]
    public async Task Signed_in_routes_ask_for_a_bearer_token_and_open_ones_do_not()
    {
        JsonObject document = await DocumentAsync(await GatewayAsync());

        document["components"]!["securitySchemes"]!["bearer"]!["scheme"]!.GetValue<string>().ShouldBe("bearer");
        document["paths"]!["/api/v1/customer/profile"]!["get"]!["security"]![0]!["bearer"].ShouldNotBeNull();
        document["paths"]!["/api/v1/booking/services"]!["get"]!["security"].ShouldBeNull();
    }

    [Fact]
    public async Task A_service_that_is_down_or_talks_nonsense_is_left_out()
    {
        await using TestBackend company = await new TestBackend("company") { Document = () => "<html>" }.StartAsync();
        TestService<Program> gateway = await GatewayAsync(new() { ["Backends:payment"] = "http://127.0.0.1:1", ["Backends:company"] = company.Address });

        JsonObject document = await DocumentAsync(gateway);

        document["paths"]!["/api/v1/customer/payment/balance"].ShouldBeNull();
        document["paths"]!["/api/v1/company/my"].ShouldBeNull();
        document["paths"]!["/api/v1/customer/profile"].ShouldNotBeNull();
    }

    [Fact]
    public async Task A_service_that_takes_seconds_for_its_document_is_waited_for()
    {
        await using TestBackend payment = await new TestBackend("payment") { Document = () => Document(Backend.Payment), DocumentTakes = TimeSpan.FromSeconds(3) }.StartAsync();

        JsonObject document = await DocumentAsync(await GatewayAsync(new() { ["Backends:payment"] = payment.Address }));

        document["paths"]!["/api/v1/customer/payment/balance"].ShouldNotBeNull();
    }

    private static async Task<JsonObject> DocumentAsync(TestService<Program> gateway)
    {
        using HttpClient client = gateway.Http(null);
        return JsonNode.Parse(await client.GetStringAsync("/openapi/v1.json"))!.AsObject();
    }

    // A gateway of its own, since each keeps its document for a while.
    private Task<TestService<Program>> GatewayAsync(Dictionary<string, string>? settings = null)
    {
        foreach ((Backend backend, TestBackend there) in fixture.Backends)
        {
            there.Document = () => Document(backend);
        }
        return fixture.StartAsync(settings ?? []);
    }

    // As ASP.NET writes them: own names for parameters, schemas named by the simple type name, internal routes among the public ones.
    private static string Document(Backend backend)
    {
        var paths = new JsonObject { ["/internal/events"] = new JsonObject { ["post"] = Operation("Secret") } };
        foreach (IGrouping<string, Route> path in RouteTable.Api.Where(route => route.Backend == backend).GroupBy(route => route.Path))
        {
            var methods = new JsonObject { ["trace"] = Operation("Secret") };
            foreach (Route route in path)
            {
                methods[route.Method.ToLowerInvariant()] = Operation("Request");
            }
            paths[path.Key.Replace("{id}", "{theId}")] = methods;
        }
        return new JsonObject
        {
            ["openapi"] = "3.1.1",
            ["paths"] = paths,
            ["components"] = new JsonObject
            {
                ["schemas"] = new JsonObject
                {
                    ["Request"] = new JsonObject
                    {
                        ["description"] = "of " + backend.Name(),
                        ["properties"] = new JsonObject { ["items"] = new JsonObject { ["type"] = "array", ["items"] = new JsonObject { ["$ref"] = "#/components/schemas/Item" } } },
                    },
                    ["Item"] = new JsonObject { ["properties"] = new JsonObject { ["parent"] = new JsonObject { ["$ref"] = "#/components/schemas/Item" } } },
                    ["Secret"] = new JsonObject(),
                },
            },
        }.ToJsonString();
    }

    private static JsonObject Operation(string schema) => new()
    {
        ["operationId"] = "Handle",
        ["responses"] = new JsonObject { ["200"] = new JsonObject { ["description"] = "OK" } },
        ["requestBody"] = new JsonObject
        {
            ["content"] = new JsonObject { ["application/json"] = new JsonObject { ["schema"] = new JsonObject { ["$ref"] = "#/components/schemas/" + schema } } },
        },
    };

    [GeneratedRegex(@"\{[^}]*\}")]
    private static partial Regex Parameter();

    [GeneratedRegex("\"#/components/schemas/([^\"]*)\"")]
    private static partial Regex Reference();
}
