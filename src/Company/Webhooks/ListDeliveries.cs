using BookSaga.Company.Managers;
using BookSaga.Contracts;
using BookSaga.Hosting.Auth;
using BookSaga.Hosting.Http;
using Npgsql;

namespace BookSaga.Company.Webhooks;

/// <summary>
/// GET /company/{id}/webhooks/{webhookId}/deliveries: what was sent, newest first, each with its attempts: when, status, duration, and the beginning of the answer;
/// for admins, kept for a month (<c>Webhooks:KeepFor</c>).
/// </summary>
/// <remarks>404 company not found, webhook not found. 403 forbidden.</remarks>
internal static class ListDeliveries
{
    internal static void Map(IEndpointRouteBuilder company) =>
        company.MapGet("/{id:long}/webhooks/{webhookId:long}/deliveries", HandleAsync).WithSummary("Deliveries with their attempts, newest first").Produces<WebhookDelivery[]>();

    private static async Task<IResult> HandleAsync(long id, long webhookId, Page page, Caller caller, NpgsqlDataSource db, Neighbours neighbours, CancellationToken ct) =>
        await Rights.RefusalAsync(db, id, caller, Roles.Admin, ct) is { } refusal
            ? refusal
            : WebhookAnswers.Of(await neighbours.Webhooks.DeliveriesAsync(
                new Contracts.Webhooks.ListDeliveries { CompanyId = id, WebhookId = webhookId, Page = page.Number, Limit = page.Limit },
                deadline: neighbours.Deadline(), cancellationToken: ct));
}
