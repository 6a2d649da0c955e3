using System.Data.Common;
using BookSaga.Hosting.Data;

namespace BookSaga.Customer.Operators;

/// <summary>A saga as operators see it.</summary>
/// <param name="Id">The booking's id.</param>
/// <param name="Kind"><c>booking</c> or <c>cancellation</c>.</param>
/// <param name="Status">What it is to its client: <c>pending</c> while it is live.</param>
/// <param name="Live">Whether it is still to end.</param>
/// <param name="Stuck">Live, and tried so often or so old that somebody should look.</param>
/// <param name="CustomerId">Whose booking.</param>
/// <param name="OfferId">Which offer.</param>
/// <param name="CompanyId">Whose offer, once known.</param>
/// <param name="Attempts">Drives so far.</param>
/// <param name="NextAt">When it is driven next, UTC.</param>
/// <param name="Deadline">When a payment that has not happened is forbidden, UTC; null: never.</param>
/// <param name="LastStep">The command at which the last drive gave up.</param>
/// <param name="LastError">Why it did.</param>
/// <param name="Reason">Why it failed or was refused.</param>
/// <param name="CreatedAt">When it began, UTC.</param>
/// <param name="FinishedAt">When it ended, UTC.</param>
internal sealed record SagaRow(
    Guid Id, string Kind, string Status, bool Live, bool Stuck, Guid CustomerId, long OfferId, long? CompanyId, int Attempts, DateTimeOffset? NextAt, DateTimeOffset? Deadline,
    string? LastStep, string? LastError, string? Reason, DateTimeOffset CreatedAt, DateTimeOffset? FinishedAt)
{
    /// <summary>Of the view <c>saga</c>, for <see cref="Read"/>; with <see cref="SagaFilter.Values"/>.</summary>
    internal const string Columns = $"""
        id, kind, status, live, {SagaFilter.StuckSql}, customer_id, offer_id, company_id, attempts, CASE WHEN live THEN next_at END, nullif(deadline, 'infinity'),
        last_step, last_error, reason, created_at, finished_at
        """;

    internal static SagaRow Read(DbDataReader row) => new(
        row.GetGuid(0), row.GetString(1), row.GetString(2), row.GetBoolean(3), row.GetBoolean(4), row.GetGuid(5), row.GetInt64(6), row.Nullable<long?>(7), row.GetInt32(8),
        row.Nullable<DateTimeOffset?>(9), row.Nullable<DateTimeOffset?>(10), row.Nullable<string>(11), row.Nullable<string>(12), row.Nullable<string>(13),
        row.GetFieldValue<DateTimeOffset>(14), row.Nullable<DateTimeOffset?>(15));
}
