using System.Net;
using BookSaga.Contracts;
using BookSaga.Hosting.Auth;
using BookSaga.Hosting.Data;
using BookSaga.Hosting.Http;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace BookSaga.Hosting;

/// <summary>What every process has: two ports, one JSON dialect, problem details, token check, health, metrics, traces.</summary>
public static class ServiceHost
{
    // A request of the public API is a few hundred bytes; anything near this is a mistake or an attack.
    private const long MaxRequestBodyBytes = 64 * 1024;

    // A call between services carries a batch: 200 events, or the steps of 256 sagas, of a few kilobytes each.
    internal const int MaxInternalMessageBytes = 16 * 1024 * 1024;

    /// <summary>A builder with all of it; the service adds its database and features.</summary>
    /// <param name="args">The command line.</param>
    /// <param name="name">The service's name: <c>booking</c>, <c>payment</c>, …</param>
    public static WebApplicationBuilder CreateBuilder(string[] args, string name)
    {
        WebApplicationBuilder builder = WebApplication.CreateBuilder(new WebApplicationOptions
        {
            Args = ["--preventHostingStartup=true", .. args], // the name is no assembly to look for start-up code in
            ApplicationName = name,
            ContentRootPath = AppContext.BaseDirectory,
        });
        if (builder.Configuration["Secrets:Directory"] is { Length: > 0 } secrets)
        {
            builder.Configuration.AddKeyPerFile(secrets, optional: false);
        }
        builder.WebHost.ConfigureKestrel(kestrel => Listen(kestrel, builder.Configuration));
        builder.Services.AddSingleton(TimeProvider.System);
        builder.Services.AddSingleton(new ServiceName(name));
        builder.Services.ConfigureHttpJsonOptions(json => Json.Configure(json.SerializerOptions));
        builder.Services.Configure<RouteHandlerOptions>(routes => routes.ThrowOnBadRequest = true);
        builder.Services.AddProblemDetails();
        builder.Services.AddExceptionHandler<UnhandledExceptions>();
        builder.Services.AddGrpc(grpc =>
        {
            grpc.MaxReceiveMessageSize = MaxInternalMessageBytes;
            grpc.Interceptors.Add<PassingFailures>();
        });
        builder.AddShutdown();
        builder.AddApiDescription();
        builder.AddTelemetry(name);
        builder.AddTokenCheck();
        return builder;
    }

    /// <summary>The pipeline that every service shares, in order. Call it before mapping routes.</summary>
    public static WebApplication UseServiceDefaults(this WebApplication app)
    {
        app.UseShutdown();
        app.UseExceptionHandler();
        app.UseStatusCodePages(static context => Problems.WriteAsync(context.HttpContext, context.HttpContext.Response.StatusCode));
        app.MapHealth();
        app.MapMetrics();
        app.MapOpenApi().AllowAnonymous();
        app.UseMiddleware<ReadinessGate>();
        app.UseAuthentication();
        app.Use(RefuseUnknownRoute);
        app.UseAuthorization();
        app.Use(AllowBatches);
        return app;
    }

    /// <summary>Of these defaults only the graceful stop, health, metrics and the gate, for a process that answers people with pages.</summary>
    public static WebApplication UseProbes(this WebApplication app)
    {
        app.UseShutdown();
        app.MapHealth();
        app.MapMetrics();
        app.UseMiddleware<ReadinessGate>();
        return app;
    }

    /// <summary>Serves until SIGTERM; with the argument <c>migrate</c> only brings the database to this version and ends.</summary>
    public static async Task ServeAsync(this WebApplication app, string[] args)
    {
        if (args is not ["migrate", ..])
        {
            await app.RunAsync();
            return;
        }
        await app.Services.GetRequiredService<Migrator>().RunOnceAsync(CancellationToken.None);
        await app.DisposeAsync(); // with it the last lines of the log are written
    }

    // What is not there is not there for everybody: asking for a token first would send people away to log in for nothing.
    private static Task RefuseUnknownRoute(HttpContext context, RequestDelegate next) =>
        context.GetEndpoint() is null ? Problems.WriteAsync(context, StatusCodes.Status404NotFound) : next(context);

    // HTTP/2 is spoken on the internal port alone, and callers without rights have been refused by now.
    private static Task AllowBatches(HttpContext context, RequestDelegate next)
    {
        if (HttpProtocol.IsHttp2(context.Request.Protocol) && context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
        {
            limit.MaxRequestBodySize = MaxInternalMessageBytes;
        }
        return next(context);
    }

    private static void Listen(KestrelServerOptions kestrel, ConfigurationManager configuration)
    {
        ListenOptions listen = Options(configuration);
        IPAddress address = IPAddress.Parse(listen.Address);
        kestrel.AddServerHeader = false;
        kestrel.Limits.MaxRequestBodySize = MaxRequestBodyBytes;
        kestrel.Listen(address, listen.HttpPort, endpoint => endpoint.Protocols = HttpProtocols.Http1);
        if (listen.GrpcPort is { } grpcPort)
        {
            kestrel.Listen(address, grpcPort, endpoint => endpoint.Protocols = HttpProtocols.Http2);
        }
        if (listen.MetricsPort is { } metricsPort)
        {
            kestrel.Listen(address, metricsPort, endpoint => endpoint.Protocols = HttpProtocols.Http1);
        }
    }

    // The port that the connection came in by, not the Host header, which is the client's to choose.
    private static void MapMetrics(this WebApplication app)
    {
        if (Options(app.Configuration).MetricsPort is { } port)
        {
            app.UseOpenTelemetryPrometheusScrapingEndpoint(context => context.Connection.LocalPort == port && context.Request.Path == "/metrics");
        }
        else
        {
            app.MapPrometheusScrapingEndpoint("/metrics").AllowAnonymous();
        }
    }

    private static ListenOptions Options(IConfiguration configuration) =>
        configuration.GetSection("Listen").Get<ListenOptions>() ?? new ListenOptions();

    /// <summary>Where the process listens: <c>Listen:Address</c>, <c>Listen:HttpPort</c>, <c>Listen:GrpcPort</c>, <c>Listen:MetricsPort</c>.</summary>
    private sealed class ListenOptions
    {
        /// <summary>An IP address; loopback unless told, so that nothing is open by accident.</summary>
        public string Address { get; init; } = "127.0.0.1";

        /// <summary>HTTP/1.1: the public API, health, metrics. 0 takes a free port.</summary>
        public int HttpPort { get; init; }

        /// <summary>HTTP/2 without TLS: calls between services. Absent: none.</summary>
        public int? GrpcPort { get; init; }

        /// <summary>Where <c>/metrics</c> answers instead of on the HTTP port, for a process whose HTTP port is public. Absent: the HTTP port.</summary>
        public int? MetricsPort { get; init; }
    }
}

/// <summary>Which service this process is: <c>booking</c>, <c>payment</c>, …</summary>
internal sealed record ServiceName(string Name);
