using BookSaga.Contracts.People;
using BookSaga.Hosting.Accounts;
using Npgsql;

namespace BookSaga.Customer.People;

/// <summary>
/// Drives a deletion: asks whether the person may go, and then lets every service forget them, ourselves last. Each step may be repeated, so recovery is the same
/// run again. It belongs to nobody's request.
/// </summary>
internal sealed partial class DeletionRun(DeletionStore store, PeopleClients people, UserDirectory users, NpgsqlDataSource db, ILogger<DeletionRun> logger)
{
    internal const string BookingsUpcoming = "bookings_upcoming";
    internal const string LastAdmin = "last_admin";
    internal const string BalanceRemains = "balance_remains";

    /// <summary>Gives the stable code of why the person may not go; null when they are gone, or will be.</summary>
    internal async Task<string?> DriveAsync(Deletion deletion)
    {
        try
        {
            Person person = await PersonOf.Async(db, deletion.UserId, deletion.Email, CancellationToken.None);
            person.GiveUpBalance = deletion.GiveUpBalance;
            Deletion? accepted = deletion;
            if (deletion.State == "checking")
            {
                (string? refusal, accepted) = await CheckAsync(deletion, person);
                if (refusal is not null)
                {
                    return refusal;
                }
            }
            if (accepted is not null)
            {
                await RemoveAsync(accepted, person);
            }
        }
        // Whatever it is, the sweep tries again.
        catch (Exception e)
        {
            LogGaveUp(deletion.UserId, deletion.Epoch, e.Message);
            await NoteFailureAsync(deletion, e.Message);
        }
        return null;
    }

    // Closing the account is the last check and can't be undone. So what lets the person go is recorded before it: who comes back after a crash asks for the account
    // alone, since the other checks may say something else by now.
    private async Task<(string? Refusal, Deletion? Accepted)> CheckAsync(Deletion deletion, Person person)
    {
        Deletion? closing = deletion;
        if (!deletion.Closing)
        {
            if (await store.HasBookingsAheadAsync(deletion.UserId))
            {
                return (await RefuseAsync(deletion, person, BookingsUpcoming), null);
            }
            Prepared company = await people.PrepareAsync(PeopleClients.Company, person);
            if (company.Code == Prepared.Types.Code.LastAdmin)
            {
                return (await RefuseAsync(deletion, person, LastAdmin), null);
            }
            closing = await store.ClosingAsync(deletion, closing: true, [.. company.CompanyIds]);
        }
        if (closing is null)
        {
            return (null, null);
        }
        Prepared payment = await people.PrepareAsync(PeopleClients.Payment, person);
        if (payment.Code == Prepared.Types.Code.BalanceRemains)
        {
            // The account is open: company's block goes next, and after that its check holds no more.
            await store.ClosingAsync(closing, closing: false, []);
            return (await RefuseAsync(closing, person, BalanceRemains), null);
        }
        return (null, await store.AcceptAsync(closing) ? closing with { State = "removing" } : null);
    }

    private async Task<string> RefuseAsync(Deletion deletion, Person person, string reason)
    {
        // Company's own refusal has undone itself; a driver before this one may have come further.
        if (reason == BalanceRemains || deletion.Epoch > 1)
        {
            await people.RestoreAsync(PeopleClients.Company, person);
        }
        await store.RefuseAsync(deletion);
        return reason;
    }

    private async Task RemoveAsync(Deletion deletion, Person person)
    {
        person.CompanyIds.Add(deletion.CompanyIds);
        await users.DeleteAsync(deletion.UserId, CancellationToken.None);
        await people.EraseAsync(PeopleClients.Company, person);
        await people.EraseAsync(PeopleClients.Booking, person);
        await people.EraseAsync(PeopleClients.Notification, person);
        await people.EraseAsync(PeopleClients.Payment, person);
        await store.FinishAsync(deletion);
    }

    // Where this fails too the lease ends all the same.
    private async Task NoteFailureAsync(Deletion deletion, string error)
    {
        try
        {
            await store.FailedAsync(deletion, error);
        }
        catch (NpgsqlException)
        {
        }
    }

    [LoggerMessage(1, LogLevel.Warning, "Deletion of {Person}, driver {Epoch}, gave up for now: {Reason}")]
    private partial void LogGaveUp(Guid person, int epoch, string reason);
}
