using System.Collections.Concurrent;
using Google.Protobuf;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace BookSaga.Saga.Tests.Tracing;

/// <summary>One span as it was exported, ids in hexadecimal.</summary>
public sealed record ReceivedSpan(string Service, string Trace, string Id, string Parent, Span Span)
{
    public string Name => Span.Name;

    public string? Tag(string key) => Span.Attributes.FirstOrDefault(a => a.Key == key)?.Value is { } value
        ? value.StringValue.Length > 0 ? value.StringValue : $"{value.IntValue}"
        : null;
}

/// <summary>An OTLP collector on loopback (HTTP, protobuf) that keeps what it gets.</summary>
public sealed class TraceReceiver : IAsyncDisposable
{
    private readonly ConcurrentQueue<ReceivedSpan> _spans = new();
    private readonly WebApplication _app;

    public TraceReceiver()
    {
        Address = $"http://127.0.0.1:{FreePort.Next()}";
        WebApplicationBuilder builder = WebApplication.CreateBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls(Address);
        _app = builder.Build();
        _app.MapPost("/v1/traces", ReceiveAsync);
    }

    /// <summary>For <c>OTEL_EXPORTER_OTLP_ENDPOINT</c>.</summary>
    public string Address { get; }

    /// <summary>All that has come, in its order.</summary>
    public IReadOnlyCollection<ReceivedSpan> All => _spans;

    public Task StartAsync() => _app.StartAsync();

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    /// <summary>All spans of <paramref name="trace"/> as soon as they satisfy <paramref name="complete"/>; at most 30 s later those that there are.</summary>
    public async Task<List<ReceivedSpan>> TraceAsync(string trace, Func<List<ReceivedSpan>, bool> complete)
    {
        for (int i = 0; ; i++)
        {
            List<ReceivedSpan> spans = [.. _spans.Where(s => s.Trace == trace)];
            if (i == 300 || complete(spans))
            {
                return spans;
            }
            await Task.Delay(100);
        }
    }

    private async Task<IResult> ReceiveAsync(HttpRequest request)
    {
        using var body = new MemoryStream();
        await request.Body.CopyToAsync(body);
        foreach (ResourceSpans resource in ExportedTraces.Parser.ParseFrom(body.ToArray()).ResourceSpans)
        {
            string service = resource.Resource.Attributes.First(a => a.Key == "service.name").Value.StringValue;
            foreach (Span span in resource.ScopeSpans.SelectMany(scope => scope.Spans))
            {
                _spans.Enqueue(new ReceivedSpan(service, Hex(span.TraceId), Hex(span.SpanId), Hex(span.ParentSpanId), span));
            }
        }
        return Results.Bytes([], "application/x-protobuf");
    }

    internal static string Hex(ByteString bytes) => Convert.ToHexStringLower(bytes.Span);
}
