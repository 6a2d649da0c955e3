using System.Globalization;
using System.Text.Json;
using BookSaga.Hosting.Auth;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;

namespace BookSaga.Web.Sessions;

/// <summary>What came of a refresh.</summary>
internal enum RefreshOutcome
{
    /// <summary>The ticket has new tokens.</summary>
    Renewed,

    /// <summary>The identity provider does not answer; the old token may still do.</summary>
    Unknown,

    /// <summary>It refuses: the session is over.</summary>
    Ended,
}

/// <summary>New tokens for a session whose access token is about to expire.</summary>
internal sealed partial class TokenRefresh(IHttpClientFactory clients, IOptions<AuthOptions> auth, TimeProvider time, ILogger<TokenRefresh> logger)
{
    // More than the longest call that a page makes with the token.
    private static readonly TimeSpan Ahead = TimeSpan.FromSeconds(45);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>Whether the ticket's access token will not do for the calls of one page.</summary>
    internal bool IsDue(AuthenticationTicket ticket) =>
        ticket.Properties.GetTokenValue("expires_at") is { } text
        && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset expires)
        && expires < time.GetUtcNow() + Ahead;

    /// <summary>Asks the identity provider.</summary>
    internal async Task<(RefreshOutcome Outcome, AuthenticationTicket Ticket)> RunAsync(AuthenticationTicket ticket)
    {
        using HttpClient client = clients.CreateClient();
        client.Timeout = Patience;
        using var question = new FormUrlEncodedContent(new Dictionary<string, string>
        {
            ["grant_type"] = "refresh_token",
            ["refresh_token"] = ticket.Properties.GetTokenValue("refresh_token") ?? "",
            ["client_id"] = auth.Value.ClientId,
            ["client_secret"] = auth.Value.ClientSecret,
        });
        try
        {
            using HttpResponseMessage answer = await client.PostAsync(new Uri(auth.Value.Authority.TrimEnd('/') + "/protocol/openid-connect/token"), question);
            if (!answer.IsSuccessStatusCode)
            {
                return ((int)answer.StatusCode is 400 or 401 ? RefreshOutcome.Ended : RefreshOutcome.Unknown, ticket);
            }
            using JsonDocument tokens = JsonDocument.Parse(await answer.Content.ReadAsStringAsync());
            Put(ticket.Properties, tokens.RootElement);
            return (RefreshOutcome.Renewed, ticket);
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException or JsonException)
        {
            LogUnknown(e.Message);
            return (RefreshOutcome.Unknown, ticket);
        }
    }

    private void Put(AuthenticationProperties properties, JsonElement tokens)
    {
        foreach (string name in (string[])["access_token", "refresh_token", "id_token"])
        {
            if (tokens.TryGetProperty(name, out JsonElement value) && value.GetString() is { } text)
            {
                properties.UpdateTokenValue(name, text);
            }
        }
        DateTimeOffset expires = time.GetUtcNow().AddSeconds(tokens.GetProperty("expires_in").GetDouble());
        properties.UpdateTokenValue("expires_at", expires.ToString("o", CultureInfo.InvariantCulture));
    }

    [LoggerMessage(1, LogLevel.Warning, "The identity provider did not renew a token: {Reason}")]
    private partial void LogUnknown(string reason);
}
