using System.Text.Json;
using System.Text.Json.Nodes;
using BookSaga.Contracts;
using Microsoft.Extensions.Options;

namespace BookSaga.Gateway.Pages;

/// <summary>GET /openapi/v1.json: the services' own documents as one, of public routes only. A service that is down is left out.</summary>
internal sealed partial class ApiDocument(IHttpClientFactory clients, IOptions<GatewayOptions> gateway, TimeProvider time, ILogger<ApiDocument> logger) : IDisposable
{
    internal const string Path = "/openapi/v1.json";

    // A document changes with a release; one that lacks a service is asked for again soon.
    private static readonly TimeSpan s_keepWhole = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan s_keepPart = TimeSpan.FromSeconds(2);

    // A service makes its document when it is first asked, which takes seconds where the machine is busy; one that is down refuses at once.
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(15);

    private readonly SemaphoreSlim _one = new(1);
    private (byte[] Document, DateTimeOffset Until)? _kept;

    public void Dispose() => _one.Dispose();

    /// <summary>The document as UTF-8 JSON, at most a minute old.</summary>
    internal async Task<byte[]> GetAsync(CancellationToken cancellationToken)
    {
        await _one.WaitAsync(cancellationToken);
        try
        {
            if (_kept is not { } kept || kept.Until <= time.GetUtcNow())
            {
                Backend[] backends = [.. RouteTable.Api.Select(route => route.Backend).Distinct()];
                JsonObject?[] parts = await Task.WhenAll(backends.Select(backend => FetchAsync(backend, cancellationToken)));
                byte[] document = JsonSerializer.SerializeToUtf8Bytes(CombinedApi.Merge(backends.Zip(parts)), Json.Options);
                _kept = kept = (document, time.GetUtcNow() + (parts.Contains(null) ? s_keepPart : s_keepWhole));
            }
            return kept.Document;
        }
        finally
        {
            _one.Release();
        }
    }

    private async Task<JsonObject?> FetchAsync(Backend backend, CancellationToken cancellationToken)
    {
        using HttpClient client = clients.CreateClient();
        client.Timeout = s_patience;
        foreach (Uri address in gateway.Value.AddressesOf(backend))
        {
            try
            {
                await using Stream body = await client.GetStreamAsync(new Uri(address, Path), cancellationToken);
                return await JsonNode.ParseAsync(body, cancellationToken: cancellationToken) as JsonObject;
            }
            catch (Exception exception) when (exception is HttpRequestException or TaskCanceledException or JsonException && !cancellationToken.IsCancellationRequested)
            {
                LogLeftOut(backend.Name(), address, exception.Message);
            }
        }
        return null;
    }

    [LoggerMessage(1, LogLevel.Information, "the API document of {Service} at {Address} is left out: {Reason}")]
    private partial void LogLeftOut(string service, Uri address, string reason);
}

/// <summary>The route of <see cref="ApiDocument"/>.</summary>
internal static class ApiDocumentRoute
{
    internal static void MapApiDocument(this IEndpointRouteBuilder app) =>
        app.MapGet(ApiDocument.Path, static async (HttpContext context, ApiDocument document, CancellationToken cancellationToken) =>
        {
            context.Response.Headers.XContentTypeOptions = "nosniff";
            return Results.Bytes(await document.GetAsync(cancellationToken), "application/json");
        }).AllowAnonymous().ExcludeFromDescription();
}
