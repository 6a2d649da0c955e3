using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Npgsql;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace BookSaga.Hosting;

/// <summary>Metrics for Prometheus at <c>/metrics</c>; traces to <c>OTEL_EXPORTER_OTLP_ENDPOINT</c> when it is set; one log line per event.</summary>
internal static class Telemetry
{
    /// <summary>The name under which BookSaga's own meters and activity sources are found.</summary>
    internal const string Prefix = "BookSaga.*";

    internal static void AddTelemetry(this WebApplicationBuilder builder, string name)
    {
        builder.Logging.ClearProviders();
        builder.Logging.AddSimpleConsole(console =>
        {
            console.SingleLine = true;
            console.IncludeScopes = true;
            console.UseUtcTimestamp = true;
            console.TimestampFormat = "yyyy-MM-ddTHH:mm:ss.fffZ ";
        });
        builder.Logging.AddFilter("Microsoft.AspNetCore", LogLevel.Warning);
        builder.Logging.AddFilter("System.Net.Http", LogLevel.Warning);
        builder.Logging.AddFilter("Npgsql", LogLevel.Warning);
        builder.Logging.AddFilter("Grpc", LogLevel.Warning);
        // What is not ready is told by /readyz; a log line at every probe says nothing more.
        builder.Logging.AddFilter("Microsoft.Extensions.Diagnostics.HealthChecks", LogLevel.None);

        OpenTelemetry.OpenTelemetryBuilder telemetry = builder.Services.AddOpenTelemetry()
            .ConfigureResource(resource => resource.AddService(name, "booksaga"))
            .WithMetrics(metrics => metrics
                .AddRuntimeInstrumentation()
                // Of the framework's own only these two: the others are ten measurements for each request, of what http.server.request.duration tells.
                .AddMeter(Prefix, "Npgsql", "Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel")
                .AddPrometheusExporter());
        if (builder.Configuration["OTEL_EXPORTER_OTLP_ENDPOINT"] is { Length: > 0 })
        {
            telemetry.WithTracing(tracing => tracing
                .AddAspNetCoreInstrumentation(requests => requests.Filter = context => context.Request.Path.Value is not ("/healthz" or "/readyz" or "/metrics"))
                .AddHttpClientInstrumentation()
                .AddNpgsql()
                .AddSource(Prefix, "Grpc.Net.Client")
                .AddOtlpExporter());
        }
    }
}
