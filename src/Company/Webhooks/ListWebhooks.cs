using BookSaga.Company.Managers;
using BookSaga.Contracts;
using BookSaga.Contracts.Webhooks;
using BookSaga.Hosting.Auth;
using Npgsql;

namespace BookSaga.Company.Webhooks;

/// <summary>GET /company/{id}/webhooks: the company's webhooks, oldest first, at most ten, without their secrets; for its admins.</summary>
/// <remarks>404 company not found. 403 forbidden.</remarks>
internal static class ListWebhooks
{
    internal static void Map(IEndpointRouteBuilder company) => company.MapGet("/{id:long}/webhooks", HandleAsync).WithSummary("The company's webhooks").Produces<Webhook[]>();

    private static async Task<IResult> HandleAsync(long id, Caller caller, NpgsqlDataSource db, Neighbours neighbours, CancellationToken ct) =>
        await Rights.RefusalAsync(db, id, caller, Roles.Admin, ct) is { } refusal
            ? refusal
            : WebhookAnswers.Of(await neighbours.Webhooks.ListAsync(new CompanyKey { CompanyId = id }, deadline: neighbours.Deadline(), cancellationToken: ct));
}
