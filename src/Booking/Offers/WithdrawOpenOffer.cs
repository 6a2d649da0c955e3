using BookSaga.Contracts;
using BookSaga.Contracts.Booking;
using BookSaga.Hosting.Data;
using Npgsql;

namespace BookSaga.Booking.Offers;

/// <summary>Offers.Withdraw: an open or reserved offer becomes canceled_by_company; a paid one is named with its booking, whose saga must refund it.</summary>
internal static class WithdrawOpenOffer
{
    private const string Sql = "SELECT code, booking_id, customer_id FROM withdraw($1, $2, $3, $4)";

    private const string ReadSql = "SELECT * FROM offer_view WHERE id = $1 AND company_id = $2";

    internal static async Task<WithdrawOutcome> HandleAsync(WithdrawOffer request, NpgsqlDataSource db, CancellationToken ct)
    {
        WithdrawOutcome outcome = await db.QueryFirstAsync(
            Sql,
            row => new WithdrawOutcome
            {
                Code = row.GetString(0) switch
                {
                    "withdrawn" => WithdrawOutcome.Types.Code.Withdrawn,
                    "paid" => WithdrawOutcome.Types.Code.Paid,
                    "closed" => WithdrawOutcome.Types.Code.Closed,
                    _ => WithdrawOutcome.Types.Code.NotFound,
                },
                BookingId = row.Nullable<Guid?>(1)?.ToString() ?? "",
                CustomerId = row.Nullable<Guid?>(2)?.ToString() ?? "",
            },
            ct, request.OfferId, request.CompanyId, Guid.Parse(request.By), request.Reason) ?? new WithdrawOutcome();
        Offer? offer = await db.QueryFirstAsync(ReadSql, row => OfferRow.Company(row, request.Language), ct, request.OfferId, request.CompanyId);
        outcome.OfferJson = offer is null ? "" : Json.Write(offer);
        return outcome;
    }
}
