using BookSaga.Contracts.Payment;
using BookSaga.Hosting.Data;
using Npgsql;

namespace BookSaga.Payment.Steps;

/// <summary>The functions of Migrations/0004_fast_steps.sql and 0006_fewer_lookups.sql, one statement for a batch; they answer in the order asked, so outcome i belongs to item i.</summary>
internal static class PaymentBatches
{
    private const string ChargeSql = "SELECT * FROM charge($1, $2, $3, $4, $5)";
    private const string CancelSql = "SELECT * FROM cancel_payment($1, $2, $3, $4)";
    private const string RefundSql = "SELECT * FROM close_payment($1, $2, $3, $4, true)";
    private const string RetainSql = "SELECT * FROM close_payment($1, $2, $3, $4, false)";

    internal static Task<IReadOnlyList<PaymentOutcome>> ChargeAsync(NpgsqlConnection connection, IReadOnlyList<ChargeItem> items) => RunAsync(connection, ChargeSql, items, withCompany: true);

    internal static Task<IReadOnlyList<PaymentOutcome>> CancelAsync(NpgsqlConnection connection, IReadOnlyList<ChargeItem> items) => RunAsync(connection, CancelSql, items);

    internal static Task<IReadOnlyList<PaymentOutcome>> RefundAsync(NpgsqlConnection connection, IReadOnlyList<ChargeItem> items) => RunAsync(connection, RefundSql, items);

    internal static Task<IReadOnlyList<PaymentOutcome>> RetainAsync(NpgsqlConnection connection, IReadOnlyList<ChargeItem> items) => RunAsync(connection, RetainSql, items);

    private static async Task<IReadOnlyList<PaymentOutcome>> RunAsync(NpgsqlConnection connection, string sql, IReadOnlyList<ChargeItem> items, bool withCompany = false)
    {
        object bookings = items.Select(i => Guid.Parse(i.BookingId)).ToArray();
        object customers = items.Select(i => Guid.Parse(i.CustomerId)).ToArray();
        object offers = items.Select(i => i.OfferId).ToArray();
        object amounts = items.Select(i => i.AmountMinor).ToArray();
        await using NpgsqlCommand command = connection.Sql(
            sql, withCompany ? [bookings, customers, items.Select(i => i.CompanyId).ToArray(), offers, amounts] : [bookings, customers, offers, amounts]);
        return await command.StepAsync(row => new PaymentOutcome { Code = CodeOf(row.GetString(1)), Reason = row.GetString(2) });
    }

    private static PaymentOutcome.Types.Code CodeOf(string code) => code switch
    {
        "charged" => PaymentOutcome.Types.Code.Charged,
        "refused" => PaymentOutcome.Types.Code.Refused,
        "refund" => PaymentOutcome.Types.Code.Refunded,
        "retained" => PaymentOutcome.Types.Code.Retained,
        _ => PaymentOutcome.Types.Code.Mismatch,
    };
}
