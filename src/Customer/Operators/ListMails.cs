using BookSaga.Contracts;
using BookSaga.Contracts.Queues;
using BookSaga.Hosting.Auth;
using BookSaga.Hosting.Data;
using BookSaga.Hosting.Http;
using Npgsql;

namespace BookSaga.Customer.Operators;

/// <summary>
/// GET /operator/mails: mails with every attempt and the mail server's answer, newest first, by company, booking and state. POST /operator/mails/{id}/resend:
/// once more to all recipients; the journal keeps who did it and why.
/// </summary>
/// <remarks>400 unknown state. 404 mail not found. 409 mail_waiting, mail_expired, resend_limit. 503: notification does not answer.</remarks>
internal static class ListMails
{
    private static readonly string[] States = ["waiting", "sent", "failed", "cancelled"];
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <param name="Reason">Why, at most 500 characters.</param>
    internal sealed record ResendRequest(string? Reason);

    /// <param name="Id">The mail.</param>
    /// <param name="Resend">Which resend this is, from 1.</param>
    internal sealed record ResendAnswer(long Id, int Resend);

    internal static void Map(IEndpointRouteBuilder operators)
    {
        operators.MapGet("/mails", ListAsync).WithSummary("Mails and their attempts, newest first").Produces<MailEntry[]>();
        operators.MapPost("/mails/{id:long}/resend", ResendAsync).WithSummary("Send a mail again").Produces<ResendAnswer>(StatusCodes.Status202Accepted);
    }

    private static async Task<IResult> ListAsync(
        [Microsoft.AspNetCore.Mvc.FromQuery(Name = "company_id")] long? companyId, [Microsoft.AspNetCore.Mvc.FromQuery(Name = "booking_id")] Guid? bookingId, string? state, Page page,
        Mails.MailsClient mails, TimeProvider time, CancellationToken ct)
    {
        if (state is not null && !States.Contains(state))
        {
            return Problems.BadRequest($"state must be one of {string.Join(", ", States)}", "unknown_state");
        }
        var query = new Contracts.Queues.ListMails
        {
            CompanyId = companyId ?? 0, BookingId = bookingId?.ToString() ?? "", State = state ?? "", Page = page.Number, Limit = page.Limit,
        };
        MailsJson list = await mails.ListAsync(query, deadline: (time.GetUtcNow() + Patience).UtcDateTime, cancellationToken: ct);
        return TypedResults.Text(list.Json, "application/json");
    }

    private static async Task<IResult> ResendAsync(long id, ResendRequest? body, Caller caller, Mails.MailsClient mails, NpgsqlDataSource db, TimeProvider time, CancellationToken ct)
    {
        (string reason, IResult? problem) = ActOnSaga.Reason(body?.Reason, required: false);
        if (problem is not null)
        {
            return problem;
        }
        // The journal first: what was done must be in it, what was tried may be.
        await db.ExecuteAsync(Journal.InsertSql, ct, caller.Id, caller.Email, "resend", $"mail/{id}", reason);
        ResendOutcome outcome = await mails.ResendAsync(new ResendMail { Id = id }, deadline: (time.GetUtcNow() + Patience).UtcDateTime, cancellationToken: ct);
        return outcome.Code switch
        {
            ResendOutcome.Types.Code.Queued => TypedResults.Accepted((string?)null, new ResendAnswer(id, outcome.Number)),
            ResendOutcome.Types.Code.Waiting => Problems.Conflict("mail is waiting", "mail_waiting"),
            ResendOutcome.Types.Code.Expired => Problems.Conflict("mail has expired", "mail_expired"),
            ResendOutcome.Types.Code.Limit => Problems.Conflict("mail was resent too often", "resend_limit"),
            _ => Problems.NotFound("mail not found"),
        };
    }
}
