using BookSaga.Company.Managers;
using BookSaga.Contracts;
using BookSaga.Contracts.Webhooks;
using BookSaga.Hosting.Auth;
using Npgsql;

namespace BookSaga.Company.Webhooks;

/// <summary>POST /company/{id}/webhooks/{webhookId}/test: an admin has a <c>webhook.test</c> sent; 202 with its <c>id</c>, and what came of it is in the deliveries.</summary>
/// <remarks>404 company not found, webhook not found. 403 forbidden. 409 <c>webhook_inactive</c>.</remarks>
internal static class TestWebhook
{
    internal static void Map(IEndpointRouteBuilder company) =>
        company.MapPost("/{id:long}/webhooks/{webhookId:long}/test", HandleAsync).WithSummary("Send a test").Produces<WebhookTest>(StatusCodes.Status202Accepted);

    private static async Task<IResult> HandleAsync(long id, long webhookId, Caller caller, NpgsqlDataSource db, Neighbours neighbours, CancellationToken ct) =>
        await Rights.RefusalAsync(db, id, caller, Roles.Admin, ct) is { } refusal
            ? refusal
            : WebhookAnswers.Of(
                await neighbours.Webhooks.TestAsync(new WebhookKey { CompanyId = id, WebhookId = webhookId }, deadline: neighbours.Deadline(), cancellationToken: ct),
                StatusCodes.Status202Accepted);
}
