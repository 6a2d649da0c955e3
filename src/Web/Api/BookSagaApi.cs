using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using BookSaga.Contracts;
using BookSaga.Web.Site;
using BookSaga.Web.Words;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;

namespace BookSaga.Web.Api;

/// <summary>The public API through the gateway, as the visitor: with their token and in their language. Nothing is retried; a repeat under one key is the visitor's to send.</summary>
public sealed partial class BookSagaApi(HttpClient http, IHttpContextAccessor accessor, Visitor visitor, ILogger<BookSagaApi> logger)
{
    private const string Prefix = "/api/v1";
    private const string ForwardedFor = "X-Forwarded-For";

    /// <summary>GET; <paramref name="path"/> begins after <c>/api/v1</c>.</summary>
    public Task<Answer<T>> GetAsync<T>(string path, CancellationToken ct = default) => SendAsync<T>(HttpMethod.Get, path, null, null, ct);

    /// <summary>POST; <paramref name="key"/> is the form's where money moves or something is made.</summary>
    public Task<Answer<T>> PostAsync<T>(string path, object? body, string? key = null, CancellationToken ct = default) => SendAsync<T>(HttpMethod.Post, path, body, key, ct);

    /// <summary>PUT.</summary>
    public Task<Answer<T>> PutAsync<T>(string path, object body, CancellationToken ct = default) => SendAsync<T>(HttpMethod.Put, path, body, null, ct);

    /// <summary>DELETE.</summary>
    public Task<Answer<T>> DeleteAsync<T>(string path, CancellationToken ct = default) => SendAsync<T>(HttpMethod.Delete, path, null, null, ct);

    /// <summary>DELETE that says something.</summary>
    public Task<Answer<T>> DeleteAsync<T>(string path, object body, CancellationToken ct = default) => SendAsync<T>(HttpMethod.Delete, path, body, null, ct);

    /// <summary>A GET whose body is passed on as it comes: events, files. The caller disposes of it.</summary>
    public async Task<HttpResponseMessage> StreamAsync(string path, Action<HttpRequestHeaders>? headers, CancellationToken ct)
    {
        using HttpRequestMessage request = await RequestAsync(HttpMethod.Get, path, null, null);
        headers?.Invoke(request.Headers);
        return await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, ct);
    }

    private async Task<Answer<T>> SendAsync<T>(HttpMethod method, string path, object? body, string? key, CancellationToken ct)
    {
        using HttpRequestMessage request = await RequestAsync(method, path, body, key);
        try
        {
            using HttpResponseMessage answer = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, ct);
            string? location = answer.Headers.Location?.OriginalString;
            if (!answer.IsSuccessStatusCode)
            {
                return new Answer<T>(default, ApiProblem.Read((int)answer.StatusCode, await answer.Content.ReadAsStringAsync(ct)), (int)answer.StatusCode, location);
            }
            // As it comes, not by way of a text, which would be too large a thing to make and throw away with every page of offers.
            bool empty = answer.StatusCode == HttpStatusCode.NoContent || answer.Content.Headers.ContentLength == 0;
            return new Answer<T>(empty ? default : await JsonSerializer.DeserializeAsync<T>(await answer.Content.ReadAsStreamAsync(ct), Json.Options, ct), null, (int)answer.StatusCode, location);
        }
        catch (Exception e) when ((e is HttpRequestException or IOException or OperationCanceledException or JsonException) && !ct.IsCancellationRequested)
        {
            LogFailed(method, path, e.Message);
            return new Answer<T>(default, new ApiProblem(StatusCodes.Status503ServiceUnavailable, "unavailable"), StatusCodes.Status503ServiceUnavailable, null);
        }
    }

    private async Task<HttpRequestMessage> RequestAsync(HttpMethod method, string path, object? body, string? key)
    {
        HttpContext visit = accessor.HttpContext!;
        var request = new HttpRequestMessage(method, new Uri(Prefix + path, UriKind.Relative));
        // Whose address it is: the gateway limits sign-ups by it, and all would be ours.
        if (visit.Request.Headers[ForwardedFor] is { Count: > 0 } addresses)
        {
            request.Headers.TryAddWithoutValidation(ForwardedFor, addresses.ToString());
        }
        if (await visit.GetTokenAsync("access_token") is { } token)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        }
        request.Headers.AcceptLanguage.Add(new StringWithQualityHeaderValue(visitor.Language));
        if (key is not null)
        {
            request.Headers.Add("Idempotency-Key", key);
        }
        if (body is not null)
        {
            request.Content = System.Net.Http.Json.JsonContent.Create(body, body.GetType(), options: Json.Options);
        }
        return request;
    }

    [LoggerMessage(1, LogLevel.Warning, "{Method} {Path} had no answer: {Reason}")]
    private partial void LogFailed(HttpMethod method, string path, string reason);
}

/// <summary>What the API answered.</summary>
/// <param name="Value">The body of a success.</param>
/// <param name="Problem">Why there is none.</param>
/// <param name="Status">HTTP.</param>
/// <param name="Location">The header, where there was one.</param>
public sealed record Answer<T>(T? Value, ApiProblem? Problem, int Status, string? Location)
{
    /// <summary>Nobody knows whether it was done, or it does not exist: see <see cref="ApiProblem"/>.</summary>
    public bool NotFound => Status == StatusCodes.Status404NotFound;
}

/// <summary>A refusal of the API.</summary>
/// <param name="Status">HTTP.</param>
/// <param name="Code">Stable, such as <c>insufficient_funds</c>.</param>
public sealed record ApiProblem(int Status, string Code)
{
    /// <summary>No final answer: a repeat under the same key goes on with the same work.</summary>
    public bool IsUnknown => Status >= StatusCodes.Status500InternalServerError || Code == "idempotency_in_progress";

    public static ApiProblem Read(int status, string body)
    {
        try
        {
            using var problem = JsonDocument.Parse(body);
            return new ApiProblem(status, problem.RootElement.TryGetProperty("code", out JsonElement code) ? code.GetString() ?? "" : "");
        }
        catch (JsonException)
        {
            return new ApiProblem(status, "");
        }
    }
}

/// <summary>Setup of the API's client.</summary>
internal static class ApiSetup
{
    public static void AddApi(this WebApplicationBuilder builder) => builder.Services
        .AddSingleton<ServiceTree>()
        .AddHttpClient<BookSagaApi>()
        .RemoveAllLoggers() // what fails is logged by the caller, once
        .ConfigureHttpClient(static (services, client) =>
        {
            WebOptions options = services.GetRequiredService<IOptions<WebOptions>>().Value;
            client.BaseAddress = options.ApiUrl;
            client.Timeout = options.ApiTimeout;
        });
}
