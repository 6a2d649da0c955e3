namespace BookSaga.Simulation.Tests;

/// <summary>Deliberate mistakes. The simulation must catch each of them, or it proves nothing.</summary>
public enum Bug
{
    None,

    // Booking.
    ReserveForgetsItsOutcome,
    ReserveIgnoresOtherClaims,
    RefusedReserveLeavesNoMark,
    ConfirmNeverRefuses,
    ReleaseLeavesTheOfferHeld,

    // Payment.
    ChargeDebitsBeforeItLooks,
    ChargeIgnoresTheBalance,
    RefusedChargeLeavesNoMark,
    CancelPaymentLeavesNoMark,
    RefundIsNotIdempotent,

    // The saga and its calls.
    FinishIgnoresTheEpoch,
    FinishWithoutItsEvent,
    NobodyRecovers,
    LostChargeCountsAsRefused,
    LostChargeCountsAsCharged,
    LostConfirmCountsAsGone,
    LateChargeCountsAsCancelled,
    RefundIsForgotten,
    ReleaseIsForgotten,
}
