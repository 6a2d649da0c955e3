using System.Text.Json;

namespace BookSaga.Testing;

/// <summary>What every service's OpenAPI document must have.</summary>
public static class ApiDocument
{
    /// <summary>Checks that each operation has a summary, each answer with a body its schema, and each request a schema of its own.</summary>
    public static async Task<JsonElement> CheckAsync(HttpClient client)
    {
        JsonElement document = await client.GetAsync("/openapi/v1.json").JsonAsync(200);
        var bare = new List<string>();
        var bodies = new List<string>();
        foreach (JsonProperty path in document.GetProperty("paths").EnumerateObject())
        {
            foreach (JsonProperty operation in path.Value.EnumerateObject())
            {
                string name = $"{operation.Name} {path.Name}";
                if (!operation.Value.TryGetProperty("summary", out _))
                {
                    bare.Add(name + ": no summary");
                }
                bare.AddRange(operation.Value.GetProperty("responses").EnumerateObject()
                    .Where(r => r.Name is "200" or "201" && !r.Value.TryGetProperty("content", out _)).Select(r => $"{name}: no schema of {r.Name}"));
                if (operation.Value.TryGetProperty("requestBody", out JsonElement body))
                {
                    bodies.Add(body.GetProperty("content").GetRawText());
                }
            }
        }
        // A schema of a name that many use cases have would be that of the first of them.
        bare.AddRange(bodies.Where(b => b.Contains("/Request\"", StringComparison.Ordinal)));
        return bare.Count == 0 ? document : throw new InvalidOperationException(string.Join("; ", bare));
    }
}
