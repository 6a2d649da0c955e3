using BookSaga.Hosting.Auth;
using Microsoft.Extensions.Options;

namespace BookSaga.Gateway.Pages;

/// <summary>Asks every replica of every backend whether it is ready.</summary>
internal sealed class ServiceHealth(IHttpClientFactory clients, IOptions<GatewayOptions> gateway, IOptions<AuthOptions> auth)
{
    // A page that tells what is down must itself be there at once.
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(1);

    /// <summary>One line for each backend, in alphabetical order.</summary>
    internal async Task<IReadOnlyList<Status>> AskAsync(CancellationToken cancellationToken) =>
        [.. (await Task.WhenAll(Enum.GetValues<Backend>().Select(backend => AskAsync(backend, cancellationToken)))).OrderBy(status => status.Name, StringComparer.Ordinal)];

    private async Task<Status> AskAsync(Backend backend, CancellationToken cancellationToken)
    {
        // Keycloak has no /readyz; that it publishes the realm is what counts of either provider.
        Uri[] questions = backend == Backend.Identity
            ? [new Uri(auth.Value.Authority.TrimEnd('/') + "/.well-known/openid-configuration")]
            : [.. gateway.Value.AddressesOf(backend).Select(address => new Uri(address, "/readyz"))];
        bool[] answers = await Task.WhenAll(questions.Select(question => IsReadyAsync(question, cancellationToken)));
        return new Status(backend.Name(), answers.Count(ready => ready), answers.Length);
    }

    private async Task<bool> IsReadyAsync(Uri question, CancellationToken cancellationToken)
    {
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(s_patience);
        try
        {
            using HttpClient client = clients.CreateClient();
            using HttpResponseMessage answer = await client.GetAsync(question, HttpCompletionOption.ResponseHeadersRead, limit.Token);
            return answer.IsSuccessStatusCode;
        }
        catch (Exception exception) when (exception is HttpRequestException or OperationCanceledException)
        {
            return false;
        }
    }

    /// <summary>How many of a backend's replicas are ready.</summary>
    internal sealed record Status(string Name, int Ready, int Replicas);
}
