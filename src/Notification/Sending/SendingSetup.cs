using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;

namespace BookSaga.Notification.Sending;

/// <summary>Registers the sending side.</summary>
internal static class SendingSetup
{
    /// <summary>Adds the queue, the way out that <c>Mail:*</c> names, and the pump.</summary>
    internal static void AddMailSending(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<MailQueue>();
        builder.Services.AddSingleton<MailMetrics>();
        builder.Services.AddSingleton<SmtpPace>();
        builder.Services.AddTransient<MailTransport>(services =>
        {
            MailOptions options = services.GetRequiredService<IOptions<MailOptions>>().Value;
            return options.SmtpAddress is { } server ? new SmtpTransport(server) : new DirectoryTransport(options.Directory);
        });
        builder.Services.AddTransient<MailSender>();
        builder.Services.AddSingleton<Func<MailSender>>(services => services.GetRequiredService<MailSender>);
        builder.Services.AddSingleton<MailPump>();
        builder.Services.AddHostedService(services => services.GetRequiredService<MailPump>());
        builder.Services.AddHealthChecks().AddCheck<MailCheck>("mail");
    }

    /// <summary>Degraded, not unready, while mails can't leave: events are taken in all the same.</summary>
    private sealed class MailCheck(MailPump pump) : IHealthCheck
    {
        public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
            Task.FromResult(pump.Trouble is { } trouble ? HealthCheckResult.Degraded("mails wait: " + trouble) : HealthCheckResult.Healthy());
    }
}
