using BookSaga.Contracts.Webhooks;
using Grpc.Core;
using Microsoft.Extensions.Options;
using Npgsql;

namespace BookSaga.Notification.Webhooks.Subscriptions;

/// <summary>The internal calls about companies' webhooks; the company service has checked who asks.</summary>
internal sealed class WebhooksEndpoint(NpgsqlDataSource db, WebhookQueue queue, IOptions<WebhookOptions> options, TimeProvider time) : Contracts.Webhooks.Webhooks.WebhooksBase
{
    public override Task<WebhookAnswer> List(CompanyKey request, ServerCallContext context) => ListWebhooks.HandleAsync(request, db, context.CancellationToken);

    public override Task<WebhookAnswer> Create(WebhookFields request, ServerCallContext context) => CreateWebhook.HandleAsync(request, db, options.Value, time);

    public override Task<WebhookAnswer> Update(WebhookFields request, ServerCallContext context) => UpdateWebhook.HandleAsync(request, db, queue, options.Value, time);

    public override Task<WebhookAnswer> Delete(WebhookKey request, ServerCallContext context) => DeleteWebhook.HandleAsync(request, db);

    public override Task<WebhookAnswer> RotateSecret(WebhookKey request, ServerCallContext context) => Subscriptions.RotateSecret.HandleAsync(request, db, options.Value, time);

    public override Task<WebhookAnswer> Test(WebhookKey request, ServerCallContext context) => TestWebhook.HandleAsync(request, db, queue, time);

    public override Task<WebhookAnswer> Replay(ReplayWebhook request, ServerCallContext context) => ReplayEvents.HandleAsync(request, db, queue, time);

    public override Task<WebhookAnswer> Deliveries(Contracts.Webhooks.ListDeliveries request, ServerCallContext context) => DeliveryLog.HandleAsync(request, db, context.CancellationToken);
}
