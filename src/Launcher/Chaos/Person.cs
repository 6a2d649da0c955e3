using System.Diagnostics;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;

namespace BookSaga.Launcher.Chaos;

/// <summary>What came back.</summary>
/// <param name="Status">Null: nothing did.</param>
/// <param name="Text">The body.</param>
/// <param name="Location">The header's path.</param>
internal sealed record Answer(int? Status, string Text = "", string? Location = null)
{
    /// <summary>The body's member, if it has that.</summary>
    internal string? this[string name]
    {
        get
        {
            try
            {
                return Text.StartsWith('{') && JsonSerializer.Deserialize<JsonElement>(Text).TryGetProperty(name, out JsonElement value) ? value.ToString() : null;
            }
            catch (JsonException)
            {
                return null;
            }
        }
    }

    /// <summary>Whether the answer says what became of the request; a booking that timed out says so by a 503 with its address.</summary>
    internal bool IsFinal => Status switch
    {
        null or 202 or 401 or 408 or 429 => false,
        409 => this["code"] is not "idempotency_in_progress",
        503 => Location is not null,
        { } status => status < 500,
    };
}

/// <summary>Somebody with an account, who calls any of the gateways and keeps the token fresh.</summary>
internal sealed class Person(Gateways gateways, HttpClient http, Tally tally, Random random, string kind, string email)
{
    private const string Password = "booksaga-chaos";
    private static readonly TimeSpan TokenLife = TimeSpan.FromSeconds(150); // half of it
    private readonly Stopwatch _tokenAge = new();
    private string? _token;
    private string? _refreshToken;

    internal Random Random => random;

    /// <summary>Whether this one never hangs up.</summary>
    internal bool IsPatient { get; init; }

    /// <summary>Registers, or signs in when a lost answer had registered already.</summary>
    /// <exception cref="Failure">It does not succeed within ten tries.</exception>
    internal async Task SignUpAsync(CancellationToken ct)
    {
        for (int i = 0; i < 10; i++)
        {
            Answer answer = await SendAsync(HttpMethod.Post, $"/{kind}/register", new { email, password = Password, first_name = "Chaos", last_name = "Person" });
            if (answer.Status == 409)
            {
                answer = await SendAsync(HttpMethod.Post, $"/{kind}/login", new { email, password = Password });
            }
            if (Keep(answer))
            {
                return;
            }
            await Task.Delay(TimeSpan.FromMilliseconds(300), ct);
        }
        throw new Failure($"{email} could not be registered.");
    }

    /// <summary>Signs in anew.</summary>
    internal async Task LoginAsync() => _ = Keep(await SendAsync(HttpMethod.Post, $"/{kind}/login", new { email, password = Password }));

    /// <summary>Calls with the token. A <paramref name="patience"/> closes the connection when it is over.</summary>
    internal async Task<Answer> CallAsync(HttpMethod method, string path, object? body = null, string? key = null, TimeSpan? patience = null)
    {
        if (_tokenAge.Elapsed > TokenLife)
        {
            await RefreshAsync();
        }
        Answer answer = await SendAsync(method, path, body, key, patience);
        if (answer.Status == 401)
        {
            await RefreshAsync();
        }
        return answer;
    }

    /// <summary>Repeats a call under its key until an answer is final, or <paramref name="tries"/> are over.</summary>
    internal async Task<Answer> InsistAsync(string path, object? body, string? key, int tries, TimeSpan? patience = null)
    {
        for (int i = 1; ; i++)
        {
            Answer answer = await CallAsync(HttpMethod.Post, path, body, key, patience);
            if (answer.IsFinal || key is null || i >= tries)
            {
                return answer;
            }
            patience = null;
            await Task.Delay(TimeSpan.FromMilliseconds(random.Next(100, 400)));
        }
    }

    private async Task RefreshAsync()
    {
        if (!Keep(await SendAsync(HttpMethod.Post, $"/{kind}/token", new { refreshToken = _refreshToken })))
        {
            await LoginAsync();
        }
    }

    private bool Keep(Answer answer)
    {
        if (answer.Status != 200)
        {
            return false;
        }
        (_token, _refreshToken) = (answer["access_token"], answer["refresh_token"]);
        _tokenAge.Restart();
        return true;
    }

    private async Task<Answer> SendAsync(HttpMethod method, string path, object? body, string? key = null, TimeSpan? patience = null)
    {
        Answer answer = await AskAsync(method, path, body, key, patience);
        tally.Answered(answer);
        return answer;
    }

    private async Task<Answer> AskAsync(HttpMethod method, string path, object? body, string? key, TimeSpan? patience)
    {
        using var limit = new CancellationTokenSource(patience ?? TimeSpan.FromSeconds(30));
        using var request = new HttpRequestMessage(method, new Uri(gateways.Pick(random), "/api/v1" + path));
        request.Headers.Authorization = _token is null ? null : new AuthenticationHeaderValue("Bearer", _token);
        request.Content = body is null ? null : JsonContent.Create(body);
        if (key is not null)
        {
            request.Headers.Add("Idempotency-Key", key);
        }
        try
        {
            using HttpResponseMessage response = await http.SendAsync(request, limit.Token);
            return new Answer((int)response.StatusCode, await response.Content.ReadAsStringAsync(limit.Token), response.Headers.Location?.ToString());
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException or IOException)
        {
            return new Answer(null);
        }
    }
}
