using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;

namespace BookSaga.Launcher.Demo;

/// <summary>One person of the story, who calls the public API; every call is printed with its status and what came of it.</summary>
internal sealed class Actor(HttpClient http, string email, string firstName, string lastName)
{
    private string? _token;

    internal string Email => email;

    /// <summary>Registers and signs in at <paramref name="path"/>.</summary>
    internal async Task RegisterAsync(string path)
    {
        JsonElement token = await PostAsync(
            path, new { email, password = "booksaga-story", first_name = firstName, last_name = lastName }, 200, _ => $"{firstName} ({email}) is signed in");
        _token = token.GetProperty("access_token").GetString();
    }

    internal Task<JsonElement> GetAsync(string path, Func<JsonElement, string> tell) => SendAsync(HttpMethod.Get, path, null, 200, tell);

    internal Task<JsonElement> PostAsync(string path, object? body, int status, Func<JsonElement, string> tell) => SendAsync(HttpMethod.Post, path, body, status, tell);

    private async Task<JsonElement> SendAsync(HttpMethod method, string path, object? body, int status, Func<JsonElement, string> tell)
    {
        using var request = new HttpRequestMessage(method, new Uri("/api/v1" + path, UriKind.Relative));
        request.Headers.AcceptLanguage.Add(new StringWithQualityHeaderValue("en"));
        request.Headers.Authorization = _token is null ? null : new AuthenticationHeaderValue("Bearer", _token);
        request.Content = body is null ? null : JsonContent.Create(body);
        using HttpResponseMessage response = await http.SendAsync(request);
        string text = await response.Content.ReadAsStringAsync();
        if ((int)response.StatusCode != status)
        {
            throw new Failure($"{method} {path} answered {(int)response.StatusCode} where the story says {status}: {text}");
        }
        JsonElement json = text.Length > 0 ? JsonSerializer.Deserialize<JsonElement>(text) : default;
        Console.WriteLine($"  {method,-4} {Path(path),-36} {status}  {tell(json)}");
        return json;
    }

    // The parameters of a search and a booking's long id make a line hard to read.
    private static string Path(string path) =>
        string.Join('/', path.Split('?')[0].Split('/').Select(part => Guid.TryParse(part, out _) ? "…" : part));
}
