using BookSaga.Company.Companies;
using BookSaga.Company.Managers;
using BookSaga.Contracts;
using BookSaga.Contracts.Webhooks;
using BookSaga.Hosting.Auth;
using Npgsql;

namespace BookSaga.Company.Webhooks;

/// <summary>
/// PUT /company/{id}/webhooks/{webhookId}: an admin gives a webhook another address or other types, or switches it on or off. What waits for one that is switched
/// off is cancelled, and a replay brings it back.
/// </summary>
/// <remarks>404 company not found, webhook not found. 403 forbidden. 400 <c>invalid_webhook</c>, with <c>errors</c> by field.</remarks>
internal static class UpdateWebhook
{
    internal static void Map(IEndpointRouteBuilder company) =>
        company.MapPut("/{id:long}/webhooks/{webhookId:long}", HandleAsync).WithSummary("Change a webhook, or switch it on or off").Produces<Webhook>();

    private static async Task<IResult> HandleAsync(
        long id, long webhookId, WebhookRequest? body, Caller caller, NpgsqlDataSource db, CompanyChanges changes, Neighbours neighbours, CancellationToken ct)
    {
        if (await Rights.RefusalAsync(db, id, caller, Roles.Admin, ct) is { } refusal)
        {
            return refusal;
        }
        WebhookFields fields = WebhookRequest.ToFields(body, (await changes.SnapshotAsync(id, ct))!, webhookId);
        return WebhookAnswers.Of(await neighbours.Webhooks.UpdateAsync(fields, deadline: neighbours.Deadline(), cancellationToken: ct));
    }
}
