using System.Diagnostics;
using BookSaga.Contracts.Booking;
using BookSaga.Contracts.Payment;
using BookSaga.Customer.Sagas;
using Microsoft.Extensions.Options;

namespace BookSaga.Customer.Bookings;

/// <summary>The commands of <see cref="CancelBookingSaga"/>.</summary>
internal enum CancelBookingCommand
{
    CancelClaim,
    SettlePayment,
}

/// <summary>A live cancellation of a paid booking.</summary>
internal sealed class CancelBooking(Guid id, int epoch, DateTimeOffset deadline) : SagaState(id, epoch, deadline)
{
    internal required Guid CustomerId { get; init; }

    internal required long OfferId { get; init; }

    internal required long PriceMinor { get; init; }

    internal required bool ByCompany { get; init; }

    internal required bool Refund { get; init; }

    internal required string Note { get; init; }

    /// <summary>The company's manager who cancels; null when that is not known, or when the client does.</summary>
    internal Guid? ManagerId { get; init; }

    internal required string CustomerJson { get; init; }

    internal required string SnapshotJson { get; init; }
}

/// <summary>A paid booking ends: the claim is cancelled (the pivot), then the money returns, or stays with the company when it is too late.</summary>
internal sealed class CancelBookingSaga(Participants participants, ISagaRows<CancelBooking> rows, IOptions<SagaOptions> options, TimeProvider time, ILogger<CancelBookingSaga> logger)
    : Saga<CancelBooking, CancelBookingCommand>(rows, options.Value, time, logger)
{
    internal const string Name = "cancel-booking";

    protected override SagaDefinition<CancelBookingCommand> Definition { get; } = new(
        Name,
        new(CancelBookingCommand.CancelClaim, Pivot: true),
        new(CancelBookingCommand.SettlePayment)) { Succeeded = "cancelled", Failed = "refused" };

    protected override async Task<Outcome> SendAsync(CancelBooking saga, CancelBookingCommand command)
    {
        if (command == CancelBookingCommand.CancelClaim)
        {
            ClaimOutcome claim = await participants.CancelClaimAsync(new CancelClaim
            {
                Key = new ClaimKey { BookingId = saga.Id.ToString(), OfferId = saga.OfferId, CustomerId = saga.CustomerId.ToString() },
                By = saga.ByCompany ? CancelClaim.Types.By.Company : CancelClaim.Types.By.Customer,
                Reason = saga.Note,
                ManagerId = saga.ManagerId?.ToString() ?? "",
            });
            return claim.Code switch
            {
                ClaimOutcome.Types.Code.Done => Outcome.Success,
                ClaimOutcome.Types.Code.Refused => Outcome.Refused(claim.Reason),
                _ => throw new UnreachableException($"Cancel answered {claim.Code}: {claim.Reason}"),
            };
        }
        var item = new ChargeItem { BookingId = saga.Id.ToString(), CustomerId = saga.CustomerId.ToString(), OfferId = saga.OfferId, AmountMinor = saga.PriceMinor };
        PaymentOutcome payment = await (saga.Refund ? participants.Refund : participants.Retain).RunAsync(item);
        return payment.Code is PaymentOutcome.Types.Code.Refunded or PaymentOutcome.Types.Code.Retained
            ? Outcome.Success
            : throw new UnreachableException($"payment answered {payment.Code}: {payment.Reason}");
    }
}
