using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace BookSaga.Notification.Tests.Webhooks;

/// <summary>A request as the endpoint got it.</summary>
internal sealed record Call(string Path, Dictionary<string, string> Headers, string Body)
{
    public string Id => Headers["webhook-id"];

    public JsonElement Json => JsonDocument.Parse(Body).RootElement;

    /// <summary>As a receiver verifies, in its own words: any of the signatures may fit.</summary>
    public bool IsSignedBy(string secret)
    {
        byte[] key = Convert.FromBase64String(secret.Split('_', 2)[1]);
        using var hmac = new HMACSHA256(key);
        string expected = Convert.ToBase64String(hmac.ComputeHash(Encoding.UTF8.GetBytes($"{Id}.{Headers["webhook-timestamp"]}.{Body}")));
        return Headers["webhook-signature"].Split(' ').Contains("v1," + expected);
    }

    public DateTimeOffset Timestamp => DateTimeOffset.FromUnixTimeSeconds(long.Parse(Headers["webhook-timestamp"], CultureInfo.InvariantCulture));
}

/// <summary>Endpoints of companies on loopback, one a path; each answers as the test says, 204 unless told.</summary>
internal sealed class Endpoint : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentDictionary<string, int> _open = new();
    private readonly ConcurrentDictionary<string, int> _most = new();

    public Endpoint()
    {
        WebApplicationBuilder builder = WebApplication.CreateBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls($"http://127.0.0.1:{Port}");
        _app = builder.Build();
        _app.Run(AnswerAsync);
        _app.Start();
    }

    public int Port { get; } = FreePort.Next();

    public ConcurrentQueue<Call> Calls { get; } = new();

    public Func<Call, HttpContext, Task> Answer { get; set; } = Status(204);

    public string Url(string path = "/hook") => $"http://127.0.0.1:{Port}{path}";

    /// <summary>How many requests a path had under way at once, at most.</summary>
    public int MostAtOnce(string path) => _most.GetValueOrDefault(path);

    public static Func<Call, HttpContext, Task> Status(int status, string body = "") => (_, context) =>
    {
        context.Response.StatusCode = status;
        return body.Length == 0 ? Task.CompletedTask : context.Response.WriteAsync(body);
    };

    /// <summary>Answers when the caller has gone.</summary>
    public static Task StallAsync(HttpContext context)
    {
        var gone = new TaskCompletionSource();
        context.RequestAborted.Register(() => gone.TrySetResult());
        return gone.Task;
    }

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();

    private async Task AnswerAsync(HttpContext context)
    {
        using var reader = new StreamReader(context.Request.Body);
        string path = context.Request.Path;
        var call = new Call(path, context.Request.Headers.ToDictionary(h => h.Key.ToLowerInvariant(), h => h.Value.ToString()), await reader.ReadToEndAsync());
        int open = _open.AddOrUpdate(path, 1, (_, n) => n + 1);
        _most.AddOrUpdate(path, open, (_, most) => Math.Max(most, open));
        Calls.Enqueue(call);
        try
        {
            await Answer(call, context);
        }
        finally
        {
            _open.AddOrUpdate(path, 0, (_, n) => n - 1);
        }
    }
}
