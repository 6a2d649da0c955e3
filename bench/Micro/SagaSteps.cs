using BenchmarkDotNet.Attributes;
using BookSaga.Customer.Bookings;
using BookSaga.Customer.Sagas;

namespace BookSaga.Micro;

/// <summary>The kernel's decisions of one booking that is paid: three commands and the end.</summary>
[InProcess, MemoryDiagnoser]
public class SagaSteps
{
    private readonly SagaDefinition<BookOfferCommand> _definition = new(
        "book-offer",
        new(BookOfferCommand.ReserveOffer, Undo: BookOfferCommand.ReleaseOffer),
        new(BookOfferCommand.ChargeCustomer, Undo: BookOfferCommand.RefundPayment, Abort: BookOfferCommand.CancelPayment),
        new(BookOfferCommand.ConfirmOffer, Pivot: true));

    [Benchmark]
    public int Decide()
    {
        var known = new Dictionary<BookOfferCommand, Outcome>();
        while (SagaMachine.Next(_definition, known, pastDeadline: false).Command is { } command)
        {
            known[command] = Outcome.Success;
        }
        return known.Count;
    }
}
