using System.Net.Http.Json;
using System.Text.Json.Serialization;
using Microsoft.Extensions.Options;

namespace BookSaga.Hosting.Auth;

/// <summary>
/// This service's own access token by client credentials, fetched once and renewed at half its life. While it is renewed the old one goes on, so that an outage
/// of the identity provider, or one that does not answer, passes unnoticed.
/// </summary>
public class ServiceTokens(IHttpClientFactory http, IOptions<AuthOptions> options, TimeProvider time)
{
    private static readonly TimeSpan Again = TimeSpan.FromSeconds(5);
    private readonly Lock _gate = new();
    private Task<Token>? _renewal;
    private volatile Token? _current;

    /// <summary>A valid access token.</summary>
    /// <exception cref="HttpRequestException">The identity provider is out of reach, does not answer or refuses this client, and no token is left.</exception>
    public virtual async ValueTask<string> GetAsync(CancellationToken ct)
    {
        Token? token = _current;
        DateTimeOffset now = time.GetUtcNow();
        if (token is not null && now < token.RenewAt)
        {
            return token.Value;
        }
        Task<Token> renewal = RenewAsync(now);
        return token is not null && now < token.ExpiresAt ? token.Value : (await renewal.WaitAsync(ct)).Value;
    }

    // One request at a time, whoever asks; it outlives who asked.
    private Task<Token> RenewAsync(DateTimeOffset now)
    {
        lock (_gate)
        {
            if (_current is { } renewed && now < renewed.RenewAt)
            {
                return Task.FromResult(renewed);
            }
            return _renewal is { IsCompleted: false } ? _renewal : _renewal = ReplaceAsync(_current);
        }
    }

    private async Task<Token> ReplaceAsync(Token? old)
    {
        try
        {
            return _current = await RequestAsync();
        }
        catch (HttpRequestException) when (old is not null && time.GetUtcNow() is var now && now < old.ExpiresAt)
        {
            return _current = old with { RenewAt = now + Again };
        }
    }

    private async Task<Token> RequestAsync()
    {
        using HttpClient client = http.CreateClient();
        client.Timeout = TimeSpan.FromSeconds(5);
        using var form = new FormUrlEncodedContent(
        [
            new("grant_type", "client_credentials"),
            new("client_id", options.Value.ClientId),
            new("client_secret", options.Value.ClientSecret),
        ]);
        DateTimeOffset asked = time.GetUtcNow();
        try
        {
            using HttpResponseMessage response = await client.PostAsync(new Uri(options.Value.Authority.TrimEnd('/') + "/protocol/openid-connect/token"), form);
            response.EnsureSuccessStatusCode();
            Reply reply = await response.Content.ReadFromJsonAsync<Reply>() ?? throw new HttpRequestException("empty token answer");
            return new Token(reply.AccessToken, asked.AddSeconds(reply.ExpiresIn / 2.0), asked.AddSeconds(reply.ExpiresIn - 5));
        }
        catch (TaskCanceledException e)
        {
            throw new HttpRequestException("The identity provider did not answer in time.", e);
        }
    }

    private sealed record Token(string Value, DateTimeOffset RenewAt, DateTimeOffset ExpiresAt);

    private sealed record Reply(
        [property: JsonPropertyName("access_token")] string AccessToken,
        [property: JsonPropertyName("expires_in")] int ExpiresIn);
}
