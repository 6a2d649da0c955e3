using BookSaga.Company.Managers;
using BookSaga.Contracts;
using BookSaga.Contracts.Webhooks;
using BookSaga.Hosting.Auth;
using Npgsql;

namespace BookSaga.Company.Webhooks;

/// <summary>
/// POST /company/{id}/webhooks/{webhookId}/rotate-secret: an admin gets a new signing <c>secret</c>, shown this once. The one before it goes on signing beside it
/// for a day (<c>Webhooks:SecretOverlap</c>), so that receivers can change over at leisure.
/// </summary>
/// <remarks>404 company not found, webhook not found. 403 forbidden. 409 <c>too_many_secrets</c>: five sign already.</remarks>
internal static class RotateSecret
{
    internal static void Map(IEndpointRouteBuilder company) =>
        company.MapPost("/{id:long}/webhooks/{webhookId:long}/rotate-secret", HandleAsync).WithSummary("A new signing secret").Produces<Webhook>();

    private static async Task<IResult> HandleAsync(long id, long webhookId, Caller caller, NpgsqlDataSource db, Neighbours neighbours, CancellationToken ct) =>
        await Rights.RefusalAsync(db, id, caller, Roles.Admin, ct) is { } refusal
            ? refusal
            : WebhookAnswers.Of(
                await neighbours.Webhooks.RotateSecretAsync(new WebhookKey { CompanyId = id, WebhookId = webhookId }, deadline: neighbours.Deadline(), cancellationToken: ct),
                tooMany: "too_many_secrets");
}
