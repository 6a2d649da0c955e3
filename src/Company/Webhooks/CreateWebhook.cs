using BookSaga.Company.Companies;
using BookSaga.Company.Managers;
using BookSaga.Contracts;
using BookSaga.Contracts.Webhooks;
using BookSaga.Hosting.Auth;
using Npgsql;

namespace BookSaga.Company.Webhooks;

/// <summary>POST /company/{id}/webhooks: an admin has events posted to an address; 201 with the webhook and its signing <c>secret</c>, which is shown this once.</summary>
/// <remarks>
/// 404 company not found. 403 forbidden. 400 <c>invalid_webhook</c>, with <c>errors</c> by field. 409 <c>too_many_webhooks</c>: ten. No <c>Idempotency-Key</c>: the answer
/// would be kept with the secret in it. Whose answer was lost finds the webhook in the list and rotates its secret.
/// </remarks>
internal static class CreateWebhook
{
    internal static void Map(IEndpointRouteBuilder company) =>
        company.MapPost("/{id:long}/webhooks", HandleAsync).WithSummary("Have events posted to an address").Produces<Webhook>(StatusCodes.Status201Created);

    private static async Task<IResult> HandleAsync(
        long id, WebhookRequest? body, Caller caller, HttpContext context, NpgsqlDataSource db, CompanyChanges changes, Neighbours neighbours, CancellationToken ct)
    {
        if (await Rights.RefusalAsync(db, id, caller, Roles.Admin, ct) is { } refusal)
        {
            return refusal;
        }
        WebhookFields fields = WebhookRequest.ToFields(body, (await changes.SnapshotAsync(id, ct))!);
        WebhookAnswer answer = await neighbours.Webhooks.CreateAsync(fields, deadline: neighbours.Deadline(), cancellationToken: ct);
        if (answer.Code == WebhookAnswer.Types.Code.Ok)
        {
            context.Response.Headers.Location = $"/api/v1/company/{id}/webhooks";
        }
        return WebhookAnswers.Of(answer, StatusCodes.Status201Created);
    }
}
