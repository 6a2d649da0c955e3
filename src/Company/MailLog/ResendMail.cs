using BookSaga.Company.Managers;
using BookSaga.Contracts.Queues;
using BookSaga.Hosting.Auth;
using BookSaga.Hosting.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;

namespace BookSaga.Company.MailLog;

/// <summary>POST /company/{id}/mails/{mailId}/resend: sends a mail to the company once more to all of its recipients, for its managers; 202.</summary>
/// <remarks>404 company not found, mail not found. 403 forbidden. 409 mail_waiting: it is on its way; mail_expired; resend_limit: ten times already.</remarks>
internal static class ResendMail
{
    /// <param name="Id">The mail.</param>
    /// <param name="Resend">Which resend this is, from 1.</param>
    internal sealed record Response(long Id, int Resend);

    internal static void Map(IEndpointRouteBuilder company) => company.MapPost("/{id:long}/mails/{mailId:long}/resend", HandleAsync).WithSummary("Send a mail to the company again");

    private static async Task<Results<Accepted<Response>, ProblemHttpResult>> HandleAsync(
        long id, long mailId, Caller caller, NpgsqlDataSource db, Neighbours neighbours, CancellationToken ct)
    {
        if (await Rights.RefusalAsync(db, id, caller, Roles.Manager, ct) is { } refusal)
        {
            return refusal;
        }
        ResendOutcome outcome = await neighbours.Mails.ResendAsync(
            new Contracts.Queues.ResendMail { Id = mailId, CompanyId = id, Audience = ListMails.Audience }, deadline: neighbours.Deadline(), cancellationToken: ct);
        return outcome.Code switch
        {
            ResendOutcome.Types.Code.Queued => TypedResults.Accepted((string?)null, new Response(mailId, outcome.Number)),
            ResendOutcome.Types.Code.NotFound => Problems.NotFound("mail not found"),
            ResendOutcome.Types.Code.Waiting => Problems.Conflict("mail is waiting", "mail_waiting"),
            ResendOutcome.Types.Code.Expired => Problems.Conflict("mail has expired", "mail_expired"),
            ResendOutcome.Types.Code.Limit => Problems.Conflict("mail was resent too often", "resend_limit"),
            _ => throw Neighbours.Unplanned(outcome.Code),
        };
    }
}
