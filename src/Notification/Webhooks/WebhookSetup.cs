using BookSaga.Hosting.Auth;
using BookSaga.Hosting.Data;
using BookSaga.Notification.Sending;
using BookSaga.Notification.Webhooks.Subscriptions;

namespace BookSaga.Notification.Webhooks;

/// <summary>Registers and maps companies' webhooks.</summary>
internal static class WebhookSetup
{
    internal static void AddWebhooks(this WebApplicationBuilder builder)
    {
        builder.Services.AddOptions<WebhookOptions>().BindConfiguration("Webhooks").ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddSingleton<WebhookQueue>();
        builder.Services.AddSingleton<WebhookQueues>();
        builder.Services.AddSingleton<MailQueues>();
        builder.Services.AddSingleton<WebhookSender>();
        builder.Services.AddSingleton<DisabledMail>();
        builder.Services.AddSingleton<RecordAttempt>();
        builder.Services.AddSingleton<WebhookMetrics>();
        builder.Services.AddHostedService<WebhookPump>();
        builder.Services.AddHostedService<WebhookCleanup>();
        builder.Services.AddDatabaseGauges("type", WebhookMetrics.WaitingSql, [(string[])[.. WebhookEvent.Types, WebhookEvent.Test]], WebhookMetrics.Gauges);
    }

    /// <summary>Opens them to the company service, on the internal port.</summary>
    internal static void MapWebhooks(this WebApplication app) => app.MapGrpcService<WebhooksEndpoint>().RequireAuthorization(TokenCheck.InternalPolicy);
}
