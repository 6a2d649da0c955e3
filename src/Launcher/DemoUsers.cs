using System.Net;
using System.Net.Http.Json;

namespace BookSaga.Launcher;

/// <summary>Two people to sign in as, registered through the public API like anyone else.</summary>
internal static class DemoUsers
{
    internal const string Client = "client@example.com";
    internal const string Business = "business@example.com";
    /// <summary>Made by the identity provider itself, with a password of its own in the secrets: it can see and end every booking.</summary>
    internal const string Operator = "operator@example.com";

    internal const string Password = "booksaga-demo"; // public on purpose: it opens nothing but the demo accounts of a machine's own loopback

    internal static async Task RegisterAsync(string url, Action<string> say, CancellationToken ct)
    {
        using var http = new HttpClient { BaseAddress = new Uri(url), Timeout = TimeSpan.FromSeconds(15) };
        foreach ((string email, string firstName, string lastName) in ((string, string, string)[])[(Client, "Clara", "Client"), (Business, "Boris", "Business")])
        {
            try
            {
                using HttpResponseMessage answer = await http.PostAsJsonAsync(
                    new Uri("/api/v1/customer/register", UriKind.Relative),
                    new { email, password = Password, first_name = firstName, last_name = lastName },
                    ct);
                if (!answer.IsSuccessStatusCode && answer.StatusCode != HttpStatusCode.Conflict)
                {
                    say($"the demo login {email} could not be made: HTTP {(int)answer.StatusCode}");
                }
            }
            catch (Exception e) when (e is HttpRequestException || (e is TaskCanceledException && !ct.IsCancellationRequested))
            {
                say($"the demo login {email} could not be made: {e.Message}");
            }
        }
    }
}
