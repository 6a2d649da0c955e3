using BookSaga.Contracts.Booking;
using BookSaga.Hosting.Data;
using Npgsql;

namespace BookSaga.Booking.Reservations;

/// <summary>Reservations.Cancel: a paid booking ends; by the customer its offer is open again (closed when its time has passed), by the company it is closed.</summary>
internal static class CancelPaidClaim
{
    private const string Sql = "SELECT code, reason FROM cancel_claim($1, $2, $3, $4, $5, $6::uuid)";

    internal static async Task<ClaimOutcome> HandleAsync(CancelClaim request, NpgsqlDataSource db) =>
        await db.QueryFirstAsync(
            Sql, row => new ClaimOutcome { Code = ClaimBatches.CodeOf(row.GetString(0)), Reason = row.GetString(1) }, CancellationToken.None,
            Guid.Parse(request.Key.BookingId), request.Key.OfferId, Guid.Parse(request.Key.CustomerId),
            request.By == CancelClaim.Types.By.Company, request.Reason, request.ManagerId.Length > 0 ? Guid.Parse(request.ManagerId) : null)
        ?? new ClaimOutcome { Code = ClaimOutcome.Types.Code.Refused, Reason = "not_paid" };
}
