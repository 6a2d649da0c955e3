using System.Data.Common;
using BookSaga.Hosting.Data;
using Microsoft.Extensions.Options;
using Npgsql;

namespace BookSaga.Customer.People;

/// <summary>A person's way out.</summary>
/// <param name="UserId">The person.</param>
/// <param name="Epoch">Which driver this is; an older one can no longer write.</param>
/// <param name="Email">Their address, until the end.</param>
/// <param name="GiveUpBalance">Whether what is left of their money is given up.</param>
/// <param name="State"><c>checking</c>, <c>removing</c> or <c>done</c>.</param>
/// <param name="CompanyIds">Which companies they managed; known from when their money is asked for.</param>
/// <param name="Closing">Whether all but their money lets them go, and payment may have closed the account.</param>
internal sealed record Deletion(Guid UserId, int Epoch, string Email, bool GiveUpBalance, string State, long[] CompanyIds, bool Closing);

/// <summary>The rows of deletions, and what customer itself keeps of a person.</summary>
internal sealed class DeletionStore(NpgsqlDataSource db, IOptions<DeletionOptions> options, TimeProvider time)
{
    private const string Columns = "user_id, epoch, email, give_up_balance, state, company_ids, closing";

    private const string StartSql = $"""
        INSERT INTO account_deletion (user_id, email, give_up_balance, next_at) VALUES ($1, $2, $3, now() + $4) ON CONFLICT (user_id) DO NOTHING
        RETURNING {Columns}
        """;

    private const string ClaimSql = $"""
        WITH old AS (DELETE FROM account_deletion WHERE state = 'done' AND finished_at < now() - interval '1 day')
        UPDATE account_deletion SET epoch = epoch + 1, next_at = now() + $1
        WHERE user_id = ANY (ARRAY(SELECT user_id FROM account_deletion WHERE state <> 'done' AND next_at <= now() ORDER BY next_at LIMIT $2 FOR UPDATE SKIP LOCKED))
        RETURNING {Columns}
        """;

    private const string FindSql = $"SELECT {Columns} FROM account_deletion WHERE user_id = $1";

    // Paid for a time ahead, being paid, or being cancelled.
    private const string AheadSql = """
        SELECT EXISTS (
            SELECT FROM booking b LEFT JOIN cancellation c ON c.booking_id = b.id
            WHERE b.customer_id = $1 AND (b.live OR c.live OR (b.status = 'paid' AND (b.snapshot->'offer'->>'datetime')::timestamptz > now())))
        """;

    private const string ClosingSql = "UPDATE account_deletion SET closing = $3, company_ids = $4 WHERE user_id = $1 AND epoch = $2 AND state = 'checking'";

    private const string AcceptSql = """
        WITH accepted AS (
            UPDATE account_deletion SET state = 'removing' WHERE user_id = $1 AND epoch = $2 AND state = 'checking' RETURNING user_id
        )
        INSERT INTO erased_person (user_id) SELECT user_id FROM accepted ON CONFLICT DO NOTHING
        """;

    private const string RefuseSql = "DELETE FROM account_deletion WHERE user_id = $1 AND epoch = $2 AND state = 'checking'";

    private const string ErrorSql = "UPDATE account_deletion SET last_error = $3, next_at = least(next_at, now() + interval '5 seconds') WHERE user_id = $1 AND epoch = $2";

    // One commit. Bookings stay, under the person's id; snapshots of others' bookings have the addresses of those who managed the company.
    private const string FinishSql = """
        WITH mine AS (
            UPDATE account_deletion SET state = 'done', finished_at = now(), email = '', last_error = NULL WHERE user_id = $1 AND epoch = $2 AND state = 'removing' RETURNING user_id
        ), profiles AS (DELETE FROM profile WHERE id IN (SELECT user_id FROM mine)
        ), phones AS (DELETE FROM phone_verification WHERE user_id IN (SELECT user_id FROM mine)
        ), choices AS (DELETE FROM reminder_choice WHERE customer_id IN (SELECT user_id FROM mine)
        ), answers AS (DELETE FROM idempotency WHERE caller IN (SELECT user_id FROM mine)
        ), notes AS (
            UPDATE cancellation SET note = '' WHERE NOT by_company AND booking_id IN (SELECT id FROM booking WHERE customer_id IN (SELECT user_id FROM mine))
        ), bookings AS (
            UPDATE booking SET customer = json_build_object('id', customer_id, 'first_name', '', 'last_name', '', 'email', '')
            WHERE customer_id IN (SELECT user_id FROM mine)
        )
        SELECT count(*) FROM mine
        """;

    // A page of a company's bookings in one commit: who comes back after a crash has less to do, and none waits for all of a large company's.
    private const string ForgetManagerSql = """
        WITH page AS MATERIALIZED (SELECT id FROM booking WHERE company_id = $1 AND id > $3 ORDER BY id LIMIT 1000), forgotten AS (
            UPDATE booking SET snapshot = jsonb_set(snapshot::jsonb, '{company,manager_emails}', coalesce((snapshot::jsonb#>'{company,manager_emails}') - $2::text, '[]'))::json
            WHERE id IN (SELECT id FROM page) AND snapshot::jsonb #> '{company,manager_emails}' ? $2
        )
        SELECT id FROM page ORDER BY id DESC LIMIT 1
        """;

    // A booking is begun in milliseconds.
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(500);

    /// <summary>Records that a person wants to go, from which moment they begin no booking; null when that is recorded already.</summary>
    internal Task<Deletion?> StartAsync(Guid person, string email, bool giveUpBalance, CancellationToken ct) =>
        db.QueryFirstAsync(StartSql, Read, ct, person, email, giveUpBalance, options.Value.Lease);

    internal Task<Deletion?> FindAsync(Guid person, CancellationToken ct) => db.QueryFirstAsync(FindSql, Read, ct, person);

    /// <summary>Deletions that nobody drives.</summary>
    internal Task<List<Deletion>> ClaimAsync(int limit, CancellationToken ct) => db.QueryAsync(ClaimSql, Read, ct, options.Value.Lease, limit);

    /// <summary>Whether a booking holds the person, of all that had begun before the deletion was recorded.</summary>
    /// <exception cref="TimeoutException">One may still be on its way into the table.</exception>
    internal async Task<bool> HasBookingsAheadAsync(Guid person)
    {
        if (!await TableWriters.EndAsync(db, "booking", Patience, time, CancellationToken.None))
        {
            throw new TimeoutException("bookings that were begun before are not committed yet");
        }
        return await db.QueryFirstAsync(AheadSql, row => row.GetBoolean(0), CancellationToken.None, person);
    }

    /// <summary>Records that payment is asked to close the account, or has refused to; null when another driver has it by now.</summary>
    internal async Task<Deletion?> ClosingAsync(Deletion deletion, bool closing, long[] companyIds) =>
        await db.ExecuteAsync(ClosingSql, CancellationToken.None, deletion.UserId, deletion.Epoch, closing, companyIds) > 0
            ? deletion with { Closing = closing, CompanyIds = companyIds }
            : null;

    /// <summary>From here on there is no way back; false when another driver has it by now.</summary>
    internal async Task<bool> AcceptAsync(Deletion deletion) =>
        await db.ExecuteAsync(AcceptSql, CancellationToken.None, deletion.UserId, deletion.Epoch) > 0 || await IsRemovingAsync(deletion);

    internal Task RefuseAsync(Deletion deletion) => db.ExecuteAsync(RefuseSql, CancellationToken.None, deletion.UserId, deletion.Epoch);

    internal Task FailedAsync(Deletion deletion, string error) => db.ExecuteAsync(ErrorSql, CancellationToken.None, deletion.UserId, deletion.Epoch, error);

    /// <summary>Removes what customer itself has, and ends the deletion.</summary>
    internal async Task FinishAsync(Deletion deletion)
    {
        foreach (long company in deletion.CompanyIds)
        {
            for (Guid? last = Guid.Empty; last is not null;)
            {
                last = await db.QueryFirstAsync<Guid?>(ForgetManagerSql, row => row.GetGuid(0), CancellationToken.None, company, deletion.Email, last);
            }
        }
        await db.QueryFirstAsync(FinishSql, row => row.GetInt64(0), CancellationToken.None, deletion.UserId, deletion.Epoch);
    }

    private async Task<bool> IsRemovingAsync(Deletion deletion) =>
        await FindAsync(deletion.UserId, CancellationToken.None) is { State: "removing" } now && now.Epoch == deletion.Epoch;

    private static Deletion Read(DbDataReader row) => new(
        row.GetGuid(0), row.GetInt32(1), row.GetString(2), row.GetBoolean(3), row.GetString(4), row.GetFieldValue<long[]>(5), row.GetBoolean(6));
}
