using BookSaga.Contracts.Booking;

namespace BookSaga.Contracts;

/// <summary>Why a booking failed, or can't be cancelled: stable codes, shown to clients and told in mails.</summary>
public static class BookingReasons
{
    /// <summary>There is no such offer.</summary>
    public const string OfferNotFound = "offer_not_found";

    /// <summary>Somebody else has it, or its time has passed.</summary>
    public const string OfferTaken = "offer_taken";

    /// <summary>The company took it back while it was held.</summary>
    public const string OfferWithdrawn = "offer_withdrawn";

    /// <summary>The balance does not cover the price.</summary>
    public const string InsufficientFunds = "insufficient_funds";

    /// <summary>The payment did not happen in time and was forbidden.</summary>
    public const string Deadline = "deadline";

    /// <summary>It is being paid at this moment.</summary>
    public const string Pending = "booking_pending";

    /// <summary>Why an offer could not be held; null for an answer that is no refusal.</summary>
    public static string? OfReserve(ReserveOutcome.Types.Code code) => code switch
    {
        ReserveOutcome.Types.Code.Taken => OfferTaken,
        ReserveOutcome.Types.Code.NotFound => OfferNotFound,
        // Its saga was ended by the deadline before this Reserve came.
        ReserveOutcome.Types.Code.Released => Deadline,
        _ => null,
    };

    /// <summary>Why a price was not taken, from the decision row's reason.</summary>
    public static string OfPayment(string reason) => reason == "cancelled" ? Deadline : reason;
}
