using BookSaga.Contracts.Payment;
using BookSaga.Hosting;
using BookSaga.Hosting.Data;
using Npgsql;

namespace BookSaga.Payment.Steps;

/// <summary>
/// The saga's steps on money. Calls that arrive together become one statement and one commit (see Migrations/0002_steps.sql);
/// each item gets its own outcome, and a batch that fails as a whole is run item by item: a bad one is answered UNSPECIFIED.
/// </summary>
internal sealed class PaymentSteps
{
    private const string ChargeSql = "SELECT ord, code, reason FROM charge($1, $2, $3, $4, $5) ORDER BY ord";
    private const string CancelSql = "SELECT ord, code, reason FROM cancel_payment($1, $2, $3, $4) ORDER BY ord";
    private const string RefundSql = "SELECT ord, code, reason FROM close_payment($1, $2, $3, $4, true) ORDER BY ord";
    private const string RetainSql = "SELECT ord, code, reason FROM close_payment($1, $2, $3, $4, false) ORDER BY ord";

    private readonly NpgsqlDataSource _db;
    private readonly Batcher<ChargeItem, PaymentOutcome> _charge;
    private readonly Batcher<ChargeItem, PaymentOutcome> _cancel;
    private readonly Batcher<ChargeItem, PaymentOutcome> _refund;
    private readonly Batcher<ChargeItem, PaymentOutcome> _retain;

    public PaymentSteps(NpgsqlDataSource db)
    {
        _db = db;
        _charge = Step(ChargeSql, withCompany: true);
        _cancel = Step(CancelSql);
        _refund = Step(RefundSql);
        _retain = Step(RetainSql);
    }

    /// <summary>Takes the price, or records why not.</summary>
    internal Task<PaymentOutcome> ChargeAsync(ChargeItem item) => Outcome(_charge, item);

    /// <summary>Forbids a charge that has not happened yet.</summary>
    internal Task<PaymentOutcome> CancelAsync(ChargeItem item) => Outcome(_cancel, item);

    /// <summary>Returns a charged price.</summary>
    internal Task<PaymentOutcome> RefundAsync(ChargeItem item) => Outcome(_refund, item);

    /// <summary>Closes a payment without a refund.</summary>
    internal Task<PaymentOutcome> RetainAsync(ChargeItem item) => Outcome(_retain, item);

    private static Task<PaymentOutcome> Outcome(Batcher<ChargeItem, PaymentOutcome> step, ChargeItem item) =>
        step.RunAsync(item).OrOutcomeAsync(static fault => new PaymentOutcome { Reason = fault });

    private Batcher<ChargeItem, PaymentOutcome> Step(string sql, bool withCompany = false) =>
        new(items => RunAsync(sql, withCompany, items), isolate: static e => e is PostgresException);

    private async Task<IReadOnlyList<PaymentOutcome>> RunAsync(string sql, bool withCompany, IReadOnlyList<ChargeItem> items)
    {
        object bookings = items.Select(i => Guid.Parse(i.BookingId)).ToArray();
        object customers = items.Select(i => Guid.Parse(i.CustomerId)).ToArray();
        object offers = items.Select(i => i.OfferId).ToArray();
        object amounts = items.Select(i => i.AmountMinor).ToArray();
        return await _db.QueryAsync(
            sql, row => new PaymentOutcome { Code = CodeOf(row.GetString(1)), Reason = row.GetString(2) }, CancellationToken.None,
            withCompany ? [bookings, customers, items.Select(i => i.CompanyId).ToArray(), offers, amounts] : [bookings, customers, offers, amounts]);
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
