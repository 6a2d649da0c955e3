using BookSaga.Company.Managers;
using BookSaga.Contracts;
using BookSaga.Contracts.Queues;
using BookSaga.Hosting.Auth;
using BookSaga.Hosting.Http;
using Npgsql;

namespace BookSaga.Company.MailLog;

/// <summary>GET /company/{id}/mails: the mails to the company with every attempt and the mail server's answer, newest first, for its managers.</summary>
/// <remarks>404 company not found. 403 forbidden.</remarks>
internal static class ListMails
{
    /// <summary>Mails to the company itself; those to its clients are theirs.</summary>
    internal const string Audience = "company";

    internal static void Map(IEndpointRouteBuilder company) => company.MapGet("/{id:long}/mails", HandleAsync).WithSummary("Mails to the company, newest first").Produces<MailEntry[]>();

    private static async Task<IResult> HandleAsync(long id, Page page, Caller caller, NpgsqlDataSource db, Neighbours neighbours, CancellationToken ct)
    {
        if (await Rights.RefusalAsync(db, id, caller, Roles.Manager, ct) is { } refusal)
        {
            return refusal;
        }
        MailsJson mails = await neighbours.Mails.ListAsync(
            new Contracts.Queues.ListMails { CompanyId = id, Audience = Audience, Page = page.Number, Limit = page.Limit }, deadline: neighbours.Deadline(), cancellationToken: ct);
        return TypedResults.Text(mails.Json, "application/json");
    }
}
