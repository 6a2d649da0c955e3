using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace BookSaga.Hosting;

/// <summary>
/// A graceful stop, on SIGTERM: <c>/readyz</c> answers 503 at once and everything else goes on for <see cref="ShutdownOptions.Delay"/>, so that load balancers
/// send nothing new; then the ports close, what is under way ends, and what does not within <see cref="ShutdownOptions.Timeout"/> is left to the other replicas.
/// </summary>
public sealed class Shutdown : IHostedLifecycleService, IHealthCheck
{
    private readonly TimeSpan _delay;
    private readonly TimeProvider _time;
    private volatile bool _begun;

    internal Shutdown(ShutdownOptions options, TimeProvider time) => (_delay, _time) = (options.Delay, time);

    /// <summary>Whether this process is going: who serves a long answer ends it now.</summary>
    public bool HasBegun => _begun;

    /// <inheritdoc />
    public Task StoppingAsync(CancellationToken cancellationToken)
    {
        _begun = true;
        return _delay > TimeSpan.Zero ? Task.Delay(_delay, _time, cancellationToken) : Task.CompletedTask;
    }

    /// <inheritdoc />
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(_begun ? HealthCheckResult.Unhealthy("stopping") : HealthCheckResult.Healthy());

    /// <inheritdoc />
    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc />
    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc />
    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc />
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc />
    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}

/// <summary>Settings <c>Shutdown:*</c>.</summary>
internal sealed class ShutdownOptions
{
    /// <summary>How long a process that was told to stop goes on taking requests, not ready any more. Longer than load balancers take to notice.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:05:00")]
    public TimeSpan Delay { get; set; }

    /// <summary>How long what is under way may take after that.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:10:00")]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(30);
}

/// <summary>Registers the graceful stop.</summary>
internal static class ShutdownSetup
{
    internal static void AddShutdown(this WebApplicationBuilder builder)
    {
        builder.Services.AddOptions<ShutdownOptions>().BindConfiguration("Shutdown").ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddOptions<HostOptions>().Configure<IOptions<ShutdownOptions>>(static (host, shutdown) => host.ShutdownTimeout = shutdown.Value.Delay + shutdown.Value.Timeout);
        builder.Services.AddSingleton(static services => new Shutdown(services.GetRequiredService<IOptions<ShutdownOptions>>().Value, services.GetRequiredService<TimeProvider>()));
        builder.Services.AddHostedService(static services => services.GetRequiredService<Shutdown>());
        builder.Services.AddHealthChecks().AddCheck<Shutdown>("shutdown");
    }

    /// <summary>While the process goes, no connection is kept for a next request that it might not be there for. HTTP/2 has its own farewell.</summary>
    internal static void UseShutdown(this WebApplication app)
    {
        Shutdown shutdown = app.Services.GetRequiredService<Shutdown>();
        app.Use((context, next) =>
        {
            if (shutdown.HasBegun && HttpProtocol.IsHttp11(context.Request.Protocol))
            {
                context.Response.Headers.Connection = "close";
            }
            return next(context);
        });
    }
}
