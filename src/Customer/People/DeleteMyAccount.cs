using BookSaga.Hosting.Auth;
using BookSaga.Hosting.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Options;

namespace BookSaga.Customer.People;

/// <summary>
/// DELETE /customer/account: the caller's account and all that names them goes, in every service; money records stay under the account's id. 204 when it is done,
/// 202 while it goes on (in the background it may still be refused for the reasons below, and then the account stays). Companies that the caller alone manages are deactivated.
/// </summary>
/// <remarks>
/// 400 <c>confirm_required</c>: <c>confirm</c> is not the caller's e-mail. 409 <c>bookings_upcoming</c>, <c>last_admin</c> (of a company with offers ahead),
/// <c>balance_remains</c> (unless <c>give_up_balance</c>): nothing has changed.
/// </remarks>
internal static class DeleteMyAccount
{
    /// <param name="Confirm">The caller's own e-mail.</param>
    /// <param name="GiveUpBalance">Whether what is left of the balance is given up.</param>
    internal sealed record Request(string? Confirm, bool? GiveUpBalance);

    /// <param name="Status"><c>checking</c>, and it may still be refused, or <c>removing</c>.</param>
    internal sealed record Progress(string Status);

    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(100);

    internal static void Map(IEndpointRouteBuilder routes) => routes.MapDelete("/customer/account", HandleAsync).WithSummary("Delete my account");

    private static async Task<Results<NoContent, Accepted<Progress>, ProblemHttpResult>> HandleAsync(
        [FromBody] Request? body, Caller caller, HttpContext context, DeletionStore store, DeletionRun run, IOptions<DeletionOptions> options, TimeProvider time, CancellationToken ct)
    {
        if (caller.Email.Length == 0 || body?.Confirm?.Trim().ToLowerInvariant() != caller.Email)
        {
            return Problems.BadRequest("confirm must be your own e-mail", "confirm_required");
        }
        long start = time.GetTimestamp();
        if (await store.StartAsync(caller.Id, caller.Email, body.GiveUpBalance ?? false, ct) is { } started)
        {
            // It goes on without who waits for it.
            Task<string?> drive = run.DriveAsync(started);
            await Task.WhenAny(drive, Task.Delay(options.Value.WaitLimit, time, ct));
            if (drive.IsCompleted && await drive is { } refusal)
            {
                return Refused(refusal);
            }
        }
        while (await store.FindAsync(caller.Id, ct) is { } deletion)
        {
            if (deletion.State == "done")
            {
                return TypedResults.NoContent();
            }
            if (time.GetElapsedTime(start) >= options.Value.WaitLimit)
            {
                return TypedResults.Accepted((string?)null, new Progress(deletion.State));
            }
            await Task.Delay(Poll, time, ct);
        }
        // Another request's deletion was refused meanwhile.
        return Problems.TryAgain(context, "the account is not deleted", "deletion_refused", "Another request to delete it was refused at this moment; try again.");
    }

    private static ProblemHttpResult Refused(string reason) => reason switch
    {
        DeletionRun.BookingsUpcoming => Problems.Of(409, "a booking is still ahead", reason, "A paid or unfinished booking lies ahead. Cancel it first."),
        DeletionRun.LastAdmin => Problems.Of(409, "a company still needs you", reason, "You are the only admin of a company that has open or booked times ahead. Cancel them, or make somebody else admin."),
        DeletionRun.BalanceRemains => Problems.Of(409, "there is still money on your balance", reason, "Spend it, or give it up."),
        _ => throw new System.Diagnostics.UnreachableException(reason),
    };
}
