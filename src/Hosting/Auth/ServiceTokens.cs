using System.Net.Http.Json;
using System.Text.Json.Serialization;
using Microsoft.Extensions.Options;

namespace BookSaga.Hosting.Auth;

/// <summary>This service's own access token by client credentials, fetched once and renewed at half its life, so that a short outage of the identity provider passes unnoticed.</summary>
public class ServiceTokens(IHttpClientFactory http, IOptions<AuthOptions> options, TimeProvider time)
{
    private readonly SemaphoreSlim _renewing = new(1, 1);
    private volatile Token? _current;

    /// <summary>A valid access token.</summary>
    /// <exception cref="HttpRequestException">The identity provider is out of reach or refuses this client, and no token is left.</exception>
    public virtual async ValueTask<string> GetAsync(CancellationToken ct)
    {
        Token? token = _current;
        DateTimeOffset now = time.GetUtcNow();
        if (token is not null && now < token.RenewAt)
        {
            return token.Value;
        }
        await _renewing.WaitAsync(ct);
        try
        {
            if (_current is { } renewed && now < renewed.RenewAt)
            {
                return renewed.Value;
            }
            _current = await RequestAsync(ct);
            return _current.Value;
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException && token is not null && now < token.ExpiresAt)
        {
            _current = token with { RenewAt = now + TimeSpan.FromSeconds(5) };
            return token.Value;
        }
        finally
        {
            _renewing.Release();
        }
    }

    private async Task<Token> RequestAsync(CancellationToken ct)
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
        using HttpResponseMessage response = await client.PostAsync(new Uri(options.Value.Authority.TrimEnd('/') + "/protocol/openid-connect/token"), form, ct);
        response.EnsureSuccessStatusCode();
        Reply reply = await response.Content.ReadFromJsonAsync<Reply>(ct) ?? throw new HttpRequestException("empty token answer");
        return new Token(reply.AccessToken, asked.AddSeconds(reply.ExpiresIn / 2.0), asked.AddSeconds(reply.ExpiresIn - 5));
    }

    private sealed record Token(string Value, DateTimeOffset RenewAt, DateTimeOffset ExpiresAt);

    private sealed record Reply(
        [property: JsonPropertyName("access_token")] string AccessToken,
        [property: JsonPropertyName("expires_in")] int ExpiresIn);
}
