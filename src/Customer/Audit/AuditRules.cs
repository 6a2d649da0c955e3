using BookSaga.Contracts.Audit;

namespace BookSaga.Customer.Audit;

/// <summary>A booking as customer knows it, settled or not.</summary>
/// <param name="Id">The booking's id.</param>
/// <param name="Status">Its status.</param>
/// <param name="Live">Whether a saga still works on it, or ended only a moment ago.</param>
/// <param name="Overdue">Whether its saga should have been driven long ago.</param>
internal sealed record BookingFact(Guid Id, string Status, bool Live, bool Overdue);

/// <summary>What the three services must agree on for one booking. Pure.</summary>
internal static class AuditRules
{
    /// <summary>All invariants by the name that metrics and operators see.</summary>
    internal static readonly string[] Invariants = ["money_is_conserved", "no_debt", "one_winner", "paid_means_paid", "nothing_hangs", "every_booking_is_known"];

    /// <summary>The invariant that does not hold, with what is wrong; null when all do.</summary>
    internal static (string Invariant, string Detail)? Broken(BookingFact? booking, ClaimFact? claim, PaymentFact? payment)
    {
        if (booking is null)
        {
            return ("every_booking_is_known", $"no booking for claim {claim?.State ?? "none"}, payment {Money(payment)}");
        }
        if (booking.Overdue)
        {
            return ("nothing_hangs", "its saga is live and nobody drives it");
        }
        if (booking.Live)
        {
            return null;
        }
        bool open = payment is { Charged: true, ClosedAs: "" };
        string facts = $"booking {booking.Status}, claim {claim?.State ?? "none"}, offer {claim?.OfferStatus ?? "none"}, payment {Money(payment)}";
        return booking.Status switch
        {
            "paid" or "completed" when open && claim is { State: "paid", HasOffer: true, OfferStatus: "paid" or "completed" } => null,
            "failed" when !open && claim is null or { State: not ("held" or "paid") } => null,
            "cancelled" when payment is { Charged: true, ClosedAs.Length: > 0 } && claim is { State: "cancelled" } => null,
            "failed" when claim is { State: "held" } => ("nothing_hangs", facts),
            _ => ("paid_means_paid", facts),
        };
    }

    /// <summary>The same after a second look at the booking: what it says of the others' facts counts only when it is as it was before they were read. They come
    /// from two services, one of which may have answered much later than the other.</summary>
    internal static (string Invariant, string Detail)? Broken(BookingFact? before, BookingFact? after, ClaimFact? claim, PaymentFact? payment) =>
        before == after ? Broken(after, claim, payment) : null;

    private static string Money(PaymentFact? payment) => payment switch
    {
        null => "none",
        { Charged: false } => "refused",
        { ClosedAs: "" } => "open",
        _ => payment.ClosedAs,
    };
}
