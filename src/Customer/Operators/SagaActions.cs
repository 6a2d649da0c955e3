using BookSaga.Contracts;
using BookSaga.Customer.Bookings;
using BookSaga.Customer.Sagas;
using BookSaga.Hosting.Auth;
using BookSaga.Hosting.Data;
using Npgsql;

namespace BookSaga.Customer.Operators;

/// <summary>
/// What operators can do to a saga. Driving it now and ending a live one have their line in the journal in the same commit. Cancelling a paid booking is another
/// saga's work, so its line is written before, in a commit of its own: what was done is in the journal, and what was only tried may be.
/// </summary>
internal sealed class SagaActions(NpgsqlDataSource db, CancelBookingRun run, SweepCall sweep)
{
    internal const string Retry = "retry";
    internal const string Cancel = "cancel";

    // Whoever drives it at the moment goes on; the sweep's drive has the newer epoch, so only one of them ends it.
    private const string RetrySql = """
        WITH booking_due AS (
            UPDATE booking SET next_at = now() WHERE id = $1 AND live RETURNING id
        ), cancellation_due AS (
            UPDATE cancellation SET next_at = now() WHERE booking_id = $1 AND live RETURNING booking_id
        )
        INSERT INTO operator_action (operator_id, operator_email, action, target, reason)
        SELECT $2, $3, 'retry', id::text, $4 FROM (SELECT * FROM booking_due UNION ALL SELECT * FROM cancellation_due) due
        """;

    // Its time is over: the next drive forbids a payment that has not happened, and obeys the row where it has.
    private const string AbortSql = """
        WITH aborted AS (
            UPDATE booking SET deadline = least(deadline, now()), next_at = now() WHERE id = $1 AND live RETURNING id
        )
        INSERT INTO operator_action (operator_id, operator_email, action, target, reason) SELECT $2, $3, 'cancel', id::text, $4 FROM aborted
        """;

    /// <summary>What came of it: <c>retrying</c>, <c>aborting</c>, <c>cancelled</c> or <c>cancelling</c>; or <c>refused</c> with a code why.</summary>
    internal readonly record struct Outcome(string Result, string? Code = null);

    /// <summary>Drives a live saga now.</summary>
    internal async Task<Outcome> RetryAsync(Guid id, Caller by, string reason, CancellationToken ct) =>
        await MadeDueAsync(RetrySql, id, by, reason, ct) ? new("retrying") : new("refused", "saga_finished");

    /// <summary>
    /// Ends a live booking without a sale, unless its payment has happened, or cancels a paid one with a full refund as its company would.
    /// </summary>
    internal async Task<Outcome> CancelAsync(Guid id, Caller by, string reason, CancellationToken ct)
    {
        if (await MadeDueAsync(AbortSql, id, by, reason, ct))
        {
            return new("aborting");
        }
        string? status = await db.QueryFirstAsync("SELECT status FROM booking WHERE id = $1", row => row.GetString(0), ct, id);
        if (status != "paid")
        {
            return new("refused", status == "completed" ? "booking_completed" : "saga_finished");
        }
        // The journal first: what was done must be in it, what was tried may be.
        await db.ExecuteAsync(Journal.InsertSql, ct, by.Id, by.Email, Cancel, id.ToString(), reason);
        (CancelBookingRun.Result result, string code) = await run.CancelAsync(id, byCompany: true, reason, ct);
        return result switch
        {
            CancelBookingRun.Result.Cancelled => new("cancelled"),
            CancelBookingRun.Result.Running => new("cancelling"),
            _ => new("refused", code.Length > 0 ? code : BookingReasons.Pending),
        };
    }

    private async Task<bool> MadeDueAsync(string sql, Guid id, Caller by, string reason, CancellationToken ct)
    {
        bool done = await db.ExecuteAsync(sql, ct, id, by.Id, by.Email, reason) > 0;
        if (done)
        {
            sweep.Now();
        }
        return done;
    }
}
