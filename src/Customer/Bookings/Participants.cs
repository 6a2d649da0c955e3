using BookSaga.Contracts.Booking;
using BookSaga.Contracts.Payment;
using BookSaga.Customer.Sagas;
using BookSaga.Hosting;
using Grpc.Core;
using Microsoft.Extensions.Options;

namespace BookSaga.Customer.Bookings;

/// <summary>The saga's commands to booking and payment. Commands of many sagas that are due at once travel in one call.</summary>
internal sealed class Participants
{
    private readonly Reservations.ReservationsClient _reservations;
    private readonly TimeSpan _timeout;
    private readonly TimeProvider _time;

    public Participants(Reservations.ReservationsClient reservations, Payments.PaymentsClient payments, Turns turns, IOptions<SagaOptions> options, TimeProvider time)
    {
        _reservations = reservations;
        _timeout = options.Value.CallTimeout;
        _time = time;
        Reserve = new(async items => (await reservations.ReserveAsync(new ReserveBatch { Items = { items } }, Call())).Outcomes, turns: turns);
        Confirm = new(async items => (await reservations.ConfirmAsync(new ClaimBatch { Items = { items } }, Call())).Outcomes, turns: turns);
        Release = new(async items => (await reservations.ReleaseAsync(new ClaimBatch { Items = { items } }, Call())).Outcomes, turns: turns);
        Charge = new(async items => (await payments.ChargeAsync(new ChargeBatch { Items = { items } }, Call())).Outcomes, turns: turns);
        CancelPayment = new(async items => (await payments.CancelAsync(new ChargeBatch { Items = { items } }, Call())).Outcomes, turns: turns);
        Refund = new(async items => (await payments.RefundAsync(new ChargeBatch { Items = { items } }, Call())).Outcomes, turns: turns);
        Retain = new(async items => (await payments.RetainAsync(new ChargeBatch { Items = { items } }, Call())).Outcomes, turns: turns);
    }

    internal Batcher<ReserveOffer, ReserveOutcome> Reserve { get; }

    internal Batcher<ClaimKey, ClaimOutcome> Confirm { get; }

    internal Batcher<ClaimKey, ClaimOutcome> Release { get; }

    internal Batcher<ChargeItem, PaymentOutcome> Charge { get; }

    internal Batcher<ChargeItem, PaymentOutcome> CancelPayment { get; }

    internal Batcher<ChargeItem, PaymentOutcome> Refund { get; }

    internal Batcher<ChargeItem, PaymentOutcome> Retain { get; }

    internal async Task<ClaimOutcome> CancelClaimAsync(CancelClaim command) => await _reservations.CancelAsync(command, Call());

    private CallOptions Call() => new(deadline: (_time.GetUtcNow() + _timeout).UtcDateTime);
}
