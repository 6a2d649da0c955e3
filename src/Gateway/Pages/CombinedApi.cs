using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace BookSaga.Gateway.Pages;

/// <summary>Makes one OpenAPI document of the services' own: public routes only, each service's schemas under its name.</summary>
internal static partial class CombinedApi
{
    internal const string SecurityScheme = "bearer";

    private const string SchemaPrefix = "#/components/schemas/";

    /// <summary>One document of the public operations in <paramref name="parts"/>.</summary>
    internal static JsonObject Merge(IEnumerable<(Backend Backend, JsonObject? Document)> parts)
    {
        JsonObject paths = [], schemas = [];
        foreach ((Backend backend, JsonObject? part) in parts)
        {
            if (part is not null)
            {
                AddOperations(backend, part, paths);
                AddSchemas(backend, part, paths, schemas);
            }
        }
        return new JsonObject
        {
            ["openapi"] = "3.1.1",
            ["info"] = new JsonObject
            {
                ["title"] = "BookSaga API",
                ["version"] = "v1",
                ["description"] = "Every error is `application/problem+json` with `error`, a text for people, and `code`, a stable name for programs.",
            },
            ["servers"] = new JsonArray(new JsonObject { ["url"] = "/" }),
            ["paths"] = paths,
            ["components"] = new JsonObject
            {
                ["schemas"] = schemas,
                ["responses"] = new JsonObject { ["Problem"] = Problem() },
                ["securitySchemes"] = new JsonObject
                {
                    [SecurityScheme] = new JsonObject { ["type"] = "http", ["scheme"] = "bearer", ["bearerFormat"] = "JWT", ["description"] = "`access_token` of a login." },
                },
            },
        };
    }

    // What Hosting's Problems writes, by RFC 9457 and the contract.
    private static JsonObject Problem()
    {
        JsonObject properties = [];
        foreach (string name in new[] { "type", "title", "status", "detail", "error", "code" })
        {
            properties[name] = new JsonObject { ["type"] = name == "status" ? "integer" : "string" };
        }
        return new JsonObject
        {
            ["description"] = "What went wrong.",
            ["content"] = new JsonObject { ["application/problem+json"] = new JsonObject { ["schema"] = new JsonObject { ["type"] = "object", ["properties"] = properties } } },
        };
    }

    private static void AddOperations(Backend backend, JsonObject part, JsonObject paths)
    {
        foreach ((string path, JsonNode? methods) in part["paths"] as JsonObject ?? [])
        {
            foreach ((string method, JsonNode? node) in methods as JsonObject ?? [])
            {
                Route? route = RouteTable.Api.FirstOrDefault(r =>
                    r.Backend == backend && r.Method.Equals(method, StringComparison.OrdinalIgnoreCase) && Shape(r.Path) == Shape(path));
                if (route is null || node?.DeepClone() is not JsonObject operation)
                {
                    continue;
                }
                RenameReferences(backend, operation);
                operation["tags"] = new JsonArray(backend.Name());
                operation.Remove("operationId"); // unique in its service only
                if (operation["responses"] is JsonObject responses)
                {
                    responses["default"] = new JsonObject { ["$ref"] = "#/components/responses/Problem" };
                }
                if (route.Access == Access.SignedIn)
                {
                    operation["security"] = new JsonArray(new JsonObject { [SecurityScheme] = new JsonArray() });
                }
                if (paths[path] is not JsonObject item)
                {
                    paths[path] = item = [];
                }
                item[method] = operation;
            }
        }
    }

    // Only what the public operations mention, directly or through other schemas.
    private static void AddSchemas(Backend backend, JsonObject part, JsonObject paths, JsonObject schemas)
    {
        JsonObject own = part["components"]?["schemas"] as JsonObject ?? [];
        Queue<string> wanted = new(References(paths));
        while (wanted.TryDequeue(out string? name))
        {
            string prefix = backend.Name() + ".";
            if (name.StartsWith(prefix, StringComparison.Ordinal) && !schemas.ContainsKey(name) && own[name[prefix.Length..]]?.DeepClone() is { } schema)
            {
                RenameReferences(backend, schema);
                schemas[name] = schema;
                foreach (string further in References(schema))
                {
                    wanted.Enqueue(further);
                }
            }
        }
    }

    private static void RenameReferences(Backend backend, JsonNode? node)
    {
        foreach ((JsonObject holder, string name) in Holders(node).ToList())
        {
            holder["$ref"] = $"{SchemaPrefix}{backend.Name()}.{name}";
        }
    }

    private static IEnumerable<string> References(JsonNode? node) => Holders(node).Select(holder => holder.Name);

    private static IEnumerable<(JsonObject Holder, string Name)> Holders(JsonNode? node)
    {
        if (node is JsonObject holder && holder["$ref"] is JsonValue value && value.TryGetValue(out string? reference) && reference.StartsWith(SchemaPrefix, StringComparison.Ordinal))
        {
            yield return (holder, reference[SchemaPrefix.Length..]);
        }
        IEnumerable<JsonNode?> children = node switch { JsonObject o => o.Select(pair => pair.Value), JsonArray a => a, _ => [] };
        foreach ((JsonObject, string) below in children.SelectMany(Holders))
        {
            yield return below;
        }
    }

    // A path without the names of its parameters, which every service chooses for itself.
    private static string Shape(string path) => Parameter().Replace(path, "{}");

    [GeneratedRegex(@"\{[^}]*\}")]
    private static partial Regex Parameter();
}
