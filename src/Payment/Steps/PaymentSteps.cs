using BookSaga.Contracts.Payment;
using BookSaga.Hosting;
using Npgsql;

namespace BookSaga.Payment.Steps;

/// <summary>
/// The saga's steps on money. Calls that arrive together become one statement and one commit; each item gets its own outcome, and a batch
/// that fails as a whole is run item by item: a bad one is answered UNSPECIFIED.
/// </summary>
internal sealed class PaymentSteps(NpgsqlDataSource db)
{
    private readonly Batcher<ChargeItem, PaymentOutcome> _charge = Step(db, PaymentBatches.ChargeAsync);
    private readonly Batcher<ChargeItem, PaymentOutcome> _cancel = Step(db, PaymentBatches.CancelAsync);
    private readonly Batcher<ChargeItem, PaymentOutcome> _refund = Step(db, PaymentBatches.RefundAsync);
    private readonly Batcher<ChargeItem, PaymentOutcome> _retain = Step(db, PaymentBatches.RetainAsync);

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

    private static Batcher<ChargeItem, PaymentOutcome> Step(
        NpgsqlDataSource db, Func<NpgsqlConnection, IReadOnlyList<ChargeItem>, Task<IReadOnlyList<PaymentOutcome>>> run) =>
        new(
            async items =>
            {
                await using NpgsqlConnection connection = await db.OpenConnectionAsync();
                return await run(connection, items);
            },
            isolate: static e => e is PostgresException);
}
