using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using BookSaga.Contracts;
using BookSaga.Hosting.Auth;
using Microsoft.Extensions.Options;

namespace BookSaga.Hosting.Accounts;

/// <summary>Keycloak's token, logout and user calls, at <c>Auth:Authority</c> with the login client, or with this service's own token.</summary>
/// <remarks>What the provider refuses is an answer; what it cannot do now, or refuses because of our own settings, is an <see cref="HttpRequestException"/>: 503.</remarks>
internal sealed class IdentityProvider(IHttpClientFactory http, IOptions<AuthOptions> options, ServiceTokens tokens)
{
    public const string ClientName = "identity";

    private string Protocol => options.Value.Authority.TrimEnd('/') + "/protocol/openid-connect";

    // …/realms/booksaga is administered at …/admin/realms/booksaga.
    private string Users => options.Value.Authority.TrimEnd('/').Replace("/realms/", "/admin/realms/", StringComparison.Ordinal) + "/users";

    /// <summary>Tokens for a password, or null when it is wrong.</summary>
    public Task<TokenObject?> PasswordAsync(string email, string password, CancellationToken ct) =>
        TokenAsync([new("grant_type", "password"), new("scope", "openid"), new("username", email), new("password", password)], ct);

    /// <summary>New tokens for a refresh token, or null when it is used, expired or revoked.</summary>
    public Task<TokenObject?> RefreshAsync(string refreshToken, CancellationToken ct) =>
        TokenAsync([new("grant_type", "refresh_token"), new("refresh_token", refreshToken)], ct);

    /// <summary>Ends the session of a refresh token; false when it is not valid.</summary>
    public async Task<bool> LogoutAsync(string refreshToken, CancellationToken ct)
    {
        using HttpResponseMessage response = await PostAsync("/logout", [new("refresh_token", refreshToken)], ct);
        return response.IsSuccessStatusCode || (await IsRefusedAsync(response, ct) ? false : throw Failed(response));
    }

    /// <summary>Makes an account: 201, 409 for a taken e-mail, or 400 when the provider's own rules forbid it.</summary>
    public async Task<HttpStatusCode> CreateUserAsync(string email, string password, string firstName, string lastName, CancellationToken ct)
    {
        var user = new
        {
            username = email,
            email,
            firstName,
            lastName,
            enabled = true,
            emailVerified = false,
            credentials = new[] { new { type = "password", value = password, temporary = false } },
        };
        using HttpResponseMessage response = await SendAsync(HttpMethod.Post, Users, JsonContent.Create(user), ct);
        return response.StatusCode is HttpStatusCode.Created or HttpStatusCode.Conflict or HttpStatusCode.BadRequest ? response.StatusCode : throw Failed(response);
    }

    /// <summary>The users with exactly this e-mail: one or none.</summary>
    public async Task<UserRepresentation[]> FindUsersAsync(string email, CancellationToken ct)
    {
        using HttpResponseMessage response = await SendAsync(HttpMethod.Get, $"{Users}?email={Uri.EscapeDataString(email)}&exact=true", content: null, ct);
        return response.IsSuccessStatusCode
            ? await response.Content.ReadFromJsonAsync<UserRepresentation[]>(ct) ?? []
            : throw Failed(response);
    }

    /// <summary>Removes an account with its sessions; one that is not there is gone already.</summary>
    public async Task DeleteUserAsync(Guid id, CancellationToken ct)
    {
        using HttpResponseMessage response = await SendAsync(HttpMethod.Delete, $"{Users}/{id}", content: null, ct);
        if (!response.IsSuccessStatusCode && response.StatusCode != HttpStatusCode.NotFound)
        {
            throw Failed(response);
        }
    }

    private async Task<TokenObject?> TokenAsync(KeyValuePair<string, string>[] grant, CancellationToken ct)
    {
        using HttpResponseMessage response = await PostAsync("/token", grant, ct);
        return response.IsSuccessStatusCode ? await response.Content.ReadFromJsonAsync<TokenObject>(Json.Options, ct)
            : await IsRefusedAsync(response, ct) ? null
            : throw Failed(response);
    }

    private async Task<HttpResponseMessage> PostAsync(string path, KeyValuePair<string, string>[] fields, CancellationToken ct)
    {
        using HttpClient client = http.CreateClient(ClientName);
        using var form = new FormUrlEncodedContent([.. fields, new("client_id", options.Value.LoginClientId), new("client_secret", options.Value.LoginClientSecret)]);
        return await client.PostAsync(new Uri(Protocol + path), form, ct);
    }

    private async Task<HttpResponseMessage> SendAsync(HttpMethod method, string uri, HttpContent? content, CancellationToken ct)
    {
        using HttpClient client = http.CreateClient(ClientName);
        using var request = new HttpRequestMessage(method, new Uri(uri)) { Content = content };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", await tokens.GetAsync(ct));
        return await client.SendAsync(request, ct);
    }

    // invalid_grant speaks of the user's password or token, and so do both of its statuses; anything else speaks of us.
    private static async Task<bool> IsRefusedAsync(HttpResponseMessage response, CancellationToken ct) =>
        response.StatusCode is HttpStatusCode.BadRequest or HttpStatusCode.Unauthorized
        && response.Content.Headers.ContentType?.MediaType == "application/json"
        && await response.Content.ReadFromJsonAsync<Refusal>(ct) is { Error: "invalid_grant" or "invalid_token" };

    private static HttpRequestException Failed(HttpResponseMessage response) =>
        new($"the identity provider answered {(int)response.StatusCode} to {response.RequestMessage?.Method} {response.RequestMessage?.RequestUri?.AbsolutePath}", inner: null, response.StatusCode);

    /// <summary>A user as Keycloak's administration shows it.</summary>
    internal sealed record UserRepresentation(Guid Id, string? Email, string? FirstName, string? LastName);

    private sealed record Refusal(string? Error);
}
