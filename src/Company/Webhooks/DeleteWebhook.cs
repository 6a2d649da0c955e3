using BookSaga.Company.Managers;
using BookSaga.Contracts.Webhooks;
using BookSaga.Hosting.Auth;
using Npgsql;

namespace BookSaga.Company.Webhooks;

/// <summary>DELETE /company/{id}/webhooks/{webhookId}: an admin removes a webhook with its deliveries and their log; 204.</summary>
/// <remarks>404 company not found, webhook not found. 403 forbidden.</remarks>
internal static class DeleteWebhook
{
    internal static void Map(IEndpointRouteBuilder company) =>
        company.MapDelete("/{id:long}/webhooks/{webhookId:long}", HandleAsync).WithSummary("Remove a webhook and its log").Produces(StatusCodes.Status204NoContent);

    private static async Task<IResult> HandleAsync(long id, long webhookId, Caller caller, NpgsqlDataSource db, Neighbours neighbours, CancellationToken ct) =>
        await Rights.RefusalAsync(db, id, caller, Roles.Admin, ct) is { } refusal
            ? refusal
            : WebhookAnswers.Of(await neighbours.Webhooks.DeleteAsync(
                new WebhookKey { CompanyId = id, WebhookId = webhookId }, deadline: neighbours.Deadline(), cancellationToken: ct));
}
