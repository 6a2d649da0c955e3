namespace BookSaga.Customer.Bookings;

/// <summary>Why a booking failed, or can't be cancelled: stable codes, shown to clients and told in mails.</summary>
internal static class BookingReasons
{
    internal const string OfferNotFound = "offer_not_found";
    internal const string OfferTaken = "offer_taken";
    internal const string OfferWithdrawn = "offer_withdrawn";
    internal const string InsufficientFunds = "insufficient_funds";
    internal const string Deadline = "deadline";
    internal const string Pending = "booking_pending";
}
