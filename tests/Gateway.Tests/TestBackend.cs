using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace BookSaga.Gateway.Tests;

/// <summary>A service behind the gateway: remembers what arrives and tells it back, unless told to behave otherwise.</summary>
public sealed class TestBackend : IAsyncDisposable
{
    private readonly WebApplication _app;

    public TestBackend(string name, int? port = null)
    {
        Name = name;
        Behave = EchoAsync;
        Port = port ?? FreePort.Next();
        WebApplicationBuilder builder = WebApplication.CreateBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls(Address);
        _app = builder.Build();
        _app.Run(async context =>
        {
            if (context.Request.Path == "/readyz")
            {
                context.Response.StatusCode = IsReady ? 200 : 503;
                return;
            }
            if (context.Request.Path == "/openapi/v1.json")
            {
                await Task.Delay(DocumentTakes);
                await context.Response.WriteAsync(Document());
                return;
            }
            Arrived.Enqueue($"{context.Request.Method} {context.Request.Path}");
            await Behave(context);
        });
    }

    public string Name { get; }

    public int Port { get; }

    public string Address => $"http://127.0.0.1:{Port}";

    /// <summary>What its <c>/readyz</c> says.</summary>
    public bool IsReady { get; set; } = true;

    /// <summary>Method and path of every request so far.</summary>
    public ConcurrentQueue<string> Arrived { get; } = [];

    public RequestDelegate Behave { get; set; }

    /// <summary>Its OpenAPI document.</summary>
    public Func<string> Document { get; set; } = () => "{}";

    /// <summary>How long it makes its document.</summary>
    public TimeSpan DocumentTakes { get; set; }

    public async Task<TestBackend> StartAsync()
    {
        await _app.StartAsync();
        return this;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    public async Task EchoAsync(HttpContext context)
    {
        using var reader = new StreamReader(context.Request.Body);
        var headers = new JsonObject();
        foreach ((string name, Microsoft.Extensions.Primitives.StringValues value) in context.Request.Headers)
        {
            headers[name.ToUpperInvariant()] = value.ToString();
        }
        await context.Response.WriteAsJsonAsync(new JsonObject
        {
            ["backend"] = Name,
            ["method"] = context.Request.Method,
            ["target"] = context.Request.Path + context.Request.QueryString,
            ["headers"] = headers,
            ["body"] = await reader.ReadToEndAsync(),
        });
    }
}
