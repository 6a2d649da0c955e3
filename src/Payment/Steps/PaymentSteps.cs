using BookSaga.Contracts.Payment;
using BookSaga.Hosting;
using BookSaga.Hosting.Data;
using Npgsql;

namespace BookSaga.Payment.Steps;

/// <summary>
/// The saga's steps on money. Calls that arrive together become one statement and one commit; each item gets its own outcome, and a batch
/// that fails as a whole is run item by item: a bad one is answered UNSPECIFIED.
/// </summary>
internal sealed class PaymentSteps(StepConnections connections)
{
    private readonly Batcher<ChargeItem, PaymentOutcome> _charge = Step(connections, PaymentBatches.ChargeAsync);
    private readonly Batcher<ChargeItem, PaymentOutcome> _cancel = Step(connections, PaymentBatches.CancelAsync);
    private readonly Batcher<ChargeItem, PaymentOutcome> _refund = Step(connections, PaymentBatches.RefundAsync);
    private readonly Batcher<ChargeItem, PaymentOutcome> _retain = Step(connections, PaymentBatches.RetainAsync);

    /// <summary>Takes the prices, or records why not.</summary>
    internal Task<PaymentOutcome>[] Charge(IReadOnlyList<ChargeItem> items) => Outcomes(_charge, items);

    /// <summary>Forbids charges that have not happened yet.</summary>
    internal Task<PaymentOutcome>[] Cancel(IReadOnlyList<ChargeItem> items) => Outcomes(_cancel, items);

    /// <summary>Returns charged prices.</summary>
    internal Task<PaymentOutcome>[] Refund(IReadOnlyList<ChargeItem> items) => Outcomes(_refund, items);

    /// <summary>Closes payments without a refund.</summary>
    internal Task<PaymentOutcome>[] Retain(IReadOnlyList<ChargeItem> items) => Outcomes(_retain, items);

    private static Task<PaymentOutcome>[] Outcomes(Batcher<ChargeItem, PaymentOutcome> step, IReadOnlyList<ChargeItem> items) =>
        step.RunTogether(items).OrOutcomes(static fault => new PaymentOutcome { Reason = fault });

    private static Batcher<ChargeItem, PaymentOutcome> Step(
        StepConnections connections, Func<NpgsqlConnection, IReadOnlyList<ChargeItem>, Task<IReadOnlyList<PaymentOutcome>>> run) =>
        new(items => connections.RunAsync(connection => run(connection, items)), isolate: static e => e is PostgresException);
}
