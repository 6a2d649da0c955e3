using BookSaga.Contracts.Payment;
using BookSaga.Hosting;
using BookSaga.Payment.Companies;
using Grpc.Core;
using Npgsql;

namespace BookSaga.Payment.Steps;

/// <summary>The internal calls about money. A caller that goes away changes nothing: what was begun is finished.</summary>
internal sealed class PaymentsEndpoint(PaymentSteps steps, NpgsqlDataSource db) : Payments.PaymentsBase
{
    public override async Task<PaymentOutcomes> Charge(ChargeBatch request, ServerCallContext context) =>
        new() { Outcomes = { await StepsAsync("ChargeCustomer", request, steps.Charge) } };

    public override async Task<PaymentOutcomes> Cancel(ChargeBatch request, ServerCallContext context) =>
        new() { Outcomes = { await StepsAsync("CancelPayment", request, steps.Cancel) } };

    public override async Task<PaymentOutcomes> Refund(ChargeBatch request, ServerCallContext context) =>
        new() { Outcomes = { await StepsAsync("RefundPayment", request, steps.Refund) } };

    public override async Task<PaymentOutcomes> Retain(ChargeBatch request, ServerCallContext context) =>
        new() { Outcomes = { await StepsAsync("RetainPayment", request, steps.Retain) } };

    public override Task<PaymentDescription> Describe(BookingKey request, ServerCallContext context) =>
        DescribePayment.HandleAsync(request, db, context.CancellationToken);

    public override Task<CompanyBalanceReply> CompanyBalance(CompanyKey request, ServerCallContext context) =>
        CompanyStatement.BalanceAsync(request, db, context.CancellationToken);

    public override Task<TransactionsJson> CompanyTransactions(CompanyKey request, ServerCallContext context) =>
        CompanyStatement.TransactionsAsync(request, db, context.CancellationToken);

    public override Task StatementOfCompany(StatementKey request, IServerStreamWriter<StatementText> responseStream, ServerCallContext context) =>
        CompanyStatementFile.WriteAsync(request, responseStream, db, context.CancellationToken);

    private static Task<PaymentOutcome[]> StepsAsync(string name, ChargeBatch batch, Func<IReadOnlyList<ChargeItem>, Task<PaymentOutcome>[]> step) =>
        SagaTrace.StepsAsync(name, batch.Items, i => i.BookingId, step, o => ($"{o.Code}", o.Reason));
}
