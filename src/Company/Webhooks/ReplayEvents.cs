using BookSaga.Company.Managers;
using BookSaga.Contracts;
using BookSaga.Contracts.Webhooks;
using BookSaga.Hosting.Auth;
using BookSaga.Hosting.Http;
using Google.Protobuf.WellKnownTypes;
using Npgsql;

namespace BookSaga.Company.Webhooks;

/// <summary>
/// POST /company/{id}/webhooks/{webhookId}/replay: an admin has everything since <c>from</c> (RFC 3339) sent once more under the same ids, also what came while the
/// webhook was switched off; with <c>only_undelivered</c> what was not delivered. 202 with how many are <c>queued</c>.
/// </summary>
/// <remarks>404 company not found, webhook not found. 403 forbidden. 400 from is required, <c>invalid_from</c>. 409 <c>webhook_inactive</c>.</remarks>
internal static class ReplayEvents
{
    internal sealed record Request(string? From, bool OnlyUndelivered);

    internal static void Map(IEndpointRouteBuilder company) =>
        company.MapPost("/{id:long}/webhooks/{webhookId:long}/replay", HandleAsync).WithSummary("Send again what has happened since a time").Produces<WebhookReplay>(StatusCodes.Status202Accepted);

    private static async Task<IResult> HandleAsync(long id, long webhookId, Request? body, Caller caller, NpgsqlDataSource db, Neighbours neighbours, CancellationToken ct)
    {
        if (await Rights.RefusalAsync(db, id, caller, Roles.Admin, ct) is { } refusal)
        {
            return refusal;
        }
        if (string.IsNullOrWhiteSpace(body?.From))
        {
            return Problems.BadRequest("from is required");
        }
        if (!Json.TryParseTime(body.From.Trim(), out DateTimeOffset from))
        {
            return Problems.BadRequest("from must be an RFC 3339 time with an offset, such as 2030-01-31T10:00:00Z", "invalid_from");
        }
        var command = new ReplayWebhook { CompanyId = id, WebhookId = webhookId, From = Timestamp.FromDateTimeOffset(from), OnlyUndelivered = body.OnlyUndelivered };
        return WebhookAnswers.Of(await neighbours.Webhooks.ReplayAsync(command, deadline: neighbours.Deadline(), cancellationToken: ct), StatusCodes.Status202Accepted);
    }
}
