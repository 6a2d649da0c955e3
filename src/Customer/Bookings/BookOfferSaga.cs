using System.Diagnostics;
using BookSaga.Contracts;
using BookSaga.Contracts.Booking;
using BookSaga.Contracts.Payment;
using BookSaga.Customer.Sagas;
using Microsoft.Extensions.Options;

namespace BookSaga.Customer.Bookings;

/// <summary>The commands of <see cref="BookOfferSaga"/>.</summary>
internal enum BookOfferCommand
{
    ReserveOffer,
    ReleaseOffer,
    ChargeCustomer,
    CancelPayment,
    RefundPayment,
    ConfirmOffer,
}

/// <summary>A live booking.</summary>
internal sealed class BookOffer(Guid id, int epoch, DateTimeOffset deadline, Guid customerId, long offerId, string customerJson) : SagaState(id, epoch, deadline)
{
    internal Guid CustomerId { get; } = customerId;

    internal long OfferId { get; } = offerId;

    internal string CustomerJson { get; } = customerJson;

    /// <summary>What Reserve answered in this drive, once it held the offer.</summary>
    internal ReserveOutcome? Held
    {
        get;
        set
        {
            field = value;
            Snapshot = value is null ? null : Json.Read<OfferSnapshot>(value.SnapshotJson);
        }
    }

    /// <summary>The offer and its company as they were then.</summary>
    internal OfferSnapshot? Snapshot { get; private set; }

    /// <summary>Until when a cancellation returns the whole price.</summary>
    internal DateTimeOffset? RefundableUntil => Snapshot?.Offer.Datetime.AddHours(-Snapshot.Company.RefundableHours);

    /// <summary>The booking as this drive has recorded its end; null before that, and when another driver did.</summary>
    internal BookingEnd? Ended { get; set; }
}

/// <summary>The end of a booking, durable.</summary>
/// <param name="Reason">Why it failed; null: paid.</param>
/// <param name="FinishedAt">When it was recorded, UTC.</param>
internal sealed record BookingEnd(string? Reason, DateTimeOffset FinishedAt);

/// <summary>One client books one offer: the offer is held, the price is taken, the offer is theirs; or nothing has happened.</summary>
internal sealed class BookOfferSaga(Participants participants, ISagaRows<BookOffer> rows, IOptions<SagaOptions> options, TimeProvider time, ILogger<BookOfferSaga> logger)
    : Saga<BookOffer, BookOfferCommand>(rows, options.Value, time, logger)
{
    internal const string Name = "book-offer";

    private readonly bool _choreographed = options.Value.Mode == SagaMode.Choreography;

    protected override SagaDefinition<BookOfferCommand> Definition { get; } = new(
        Name,
        new(BookOfferCommand.ReserveOffer, Undo: BookOfferCommand.ReleaseOffer),
        new(BookOfferCommand.ChargeCustomer, Undo: BookOfferCommand.RefundPayment, Abort: BookOfferCommand.CancelPayment),
        new(BookOfferCommand.ConfirmOffer, Pivot: true)) { Succeeded = "paid", BeginsTrace = true };

    // Choreographed sagas are taken over when their time is over: by then a payment that has not happened is to be forbidden.
    protected override bool IsForKernel(bool pastDeadline) => !_choreographed || pastDeadline;

    protected override async Task<Outcome> SendAsync(BookOffer saga, BookOfferCommand command) => command switch
    {
        BookOfferCommand.ReserveOffer => await ReserveAsync(saga),
        BookOfferCommand.ChargeCustomer => Charged(await participants.Charge.RunAsync(Payment(saga))),
        BookOfferCommand.CancelPayment => Charged(await participants.CancelPayment.RunAsync(Payment(saga))),
        BookOfferCommand.RefundPayment => Refunded(await participants.Refund.RunAsync(Payment(saga))),
        BookOfferCommand.ConfirmOffer => Claimed(await participants.Confirm.RunAsync(Claim(saga))),
        BookOfferCommand.ReleaseOffer => Claimed(await participants.Release.RunAsync(Claim(saga))),
        _ => throw new UnreachableException($"{command}"),
    };

    private async Task<Outcome> ReserveAsync(BookOffer saga)
    {
        ReserveOutcome outcome = await participants.Reserve.RunAsync(new ReserveOffer
        {
            BookingId = saga.Id.ToString(),
            OfferId = saga.OfferId,
            CustomerId = saga.CustomerId.ToString(),
            CustomerJson = saga.CustomerJson,
        });
        switch (outcome.Code)
        {
            case ReserveOutcome.Types.Code.Held:
                saga.Held = outcome;
                return Outcome.Success;
            case var code when BookingReasons.OfReserve(code) is { } reason:
                return Outcome.Refused(reason);
            default:
                throw new UnreachableException($"Reserve answered {outcome.Code}: {outcome.Reason}");
        }
    }

    private static Outcome Charged(PaymentOutcome outcome) => outcome.Code switch
    {
        PaymentOutcome.Types.Code.Charged => Outcome.Success,
        PaymentOutcome.Types.Code.Refused => Outcome.Refused(BookingReasons.OfPayment(outcome.Reason)),
        _ => throw new UnreachableException($"payment answered {outcome.Code}: {outcome.Reason}"),
    };

    private static Outcome Refunded(PaymentOutcome outcome) => outcome.Code == PaymentOutcome.Types.Code.Refunded
        ? Outcome.Success
        : throw new UnreachableException($"Refund answered {outcome.Code}: {outcome.Reason}");

    private static Outcome Claimed(ClaimOutcome outcome) => outcome.Code switch
    {
        ClaimOutcome.Types.Code.Done => Outcome.Success,
        ClaimOutcome.Types.Code.Gone => Outcome.Refused(BookingReasons.OfferWithdrawn),
        _ => throw new UnreachableException($"booking answered {outcome.Code}: {outcome.Reason}"),
    };

    private static ClaimKey Claim(BookOffer saga) =>
        new() { BookingId = saga.Id.ToString(), OfferId = saga.OfferId, CustomerId = saga.CustomerId.ToString() };

    private static ChargeItem Payment(BookOffer saga)
    {
        ReserveOutcome held = saga.Held ?? throw new UnreachableException("the offer is held before its price is taken");
        return new()
        {
            BookingId = saga.Id.ToString(),
            CustomerId = saga.CustomerId.ToString(),
            OfferId = saga.OfferId,
            CompanyId = held.CompanyId,
            AmountMinor = held.PriceMinor,
        };
    }
}
