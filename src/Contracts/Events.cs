using System.Text.Json.Serialization;

namespace BookSaga.Contracts;

/// <summary>The wire names of all events: <c>owner.what-happened.version</c>.</summary>
public static class EventTypes
{
    /// <summary><see cref="CompanyChanged"/>, from company to booking.</summary>
    public const string CompanyChanged = "company.company-changed.v1";

    /// <summary><see cref="BookingFinished"/>, from customer to notification: the client has paid and the offer is theirs.</summary>
    public const string BookingPaid = "customer.booking-paid.v1";

    /// <summary><see cref="BookingFinished"/>, from customer to notification: the attempt failed, no money is missing.</summary>
    public const string BookingFailed = "customer.booking-failed.v1";

    /// <summary><see cref="BookingFinished"/>, from customer to notification: a paid booking was cancelled.</summary>
    public const string BookingCancelled = "customer.booking-cancelled.v1";

    /// <summary><see cref="Contracts.OfferCompleted"/>, from booking to customer: the appointment of a paid offer is over.</summary>
    public const string OfferCompleted = "booking.offer-completed.v1";

    /// <summary><see cref="Contracts.BookingRequested"/>, from customer to booking: hold the offer.</summary>
    public const string BookingRequested = "customer.booking-requested.v1";

    /// <summary><see cref="BookingStep"/>, from booking to payment: the offer is held, take its price.</summary>
    public const string OfferReserved = "booking.offer-reserved.v1";

    /// <summary><see cref="BookingStep"/>, from payment to booking: the price is taken, the offer is to be paid.</summary>
    public const string PaymentCharged = "payment.payment-charged.v1";

    /// <summary><see cref="BookingStep"/>, from payment to booking: the price is not taken and never will be, the offer is to be open.</summary>
    public const string PaymentRefused = "payment.payment-refused.v1";

    /// <summary><see cref="BookingStep"/>, from booking to payment: the offer is gone, the price is to return.</summary>
    public const string ConfirmRefused = "booking.confirm-refused.v1";

    /// <summary><see cref="BookingStep"/>, from payment to booking: the price has returned.</summary>
    public const string PaymentRefunded = "payment.payment-refunded.v1";

    /// <summary><see cref="BookingEnded"/>, from booking to customer: the offer could not be held.</summary>
    public const string OfferRefused = "booking.offer-refused.v1";

    /// <summary><see cref="BookingEnded"/>, from booking to customer: paid on both sides.</summary>
    public const string ClaimPaid = "booking.booking-paid.v1";

    /// <summary><see cref="BookingEnded"/>, from booking to customer: the offer is not held any more, and no money is missing.</summary>
    public const string ClaimFailed = "booking.booking-failed.v1";
}

/// <summary>A company as other services need it. The highest <see cref="Version"/> wins, so order of arrival does not matter.</summary>
/// <param name="Id">The company's id.</param>
/// <param name="Version">Rises with every change of the company or of its managers.</param>
/// <param name="Name">Its public name.</param>
/// <param name="Address">Its postal address, free text.</param>
/// <param name="Phone">Its phone number, free text.</param>
/// <param name="Email">Its mail address, where it has one.</param>
/// <param name="Location">Latitude and longitude in degrees, or null.</param>
/// <param name="Active">False hides its open offers and refuses new bookings.</param>
/// <param name="RefundableHours">Hours before the appointment until which a client's cancellation is refunded in full.</param>
/// <param name="ManagerEmails">Mail addresses of its active managers, administrators included.</param>
public sealed record CompanyChanged(
    long Id,
    long Version,
    string Name,
    string Address,
    string Phone,
    string? Email,
    double[]? Location,
    bool Active,
    int RefundableHours,
    IReadOnlyList<string> ManagerEmails);

/// <summary>An offer and its company at the moment it was held: all that mails and the client's list need later.</summary>
/// <param name="Offer">The public offer object.</param>
/// <param name="Company">The company as the booking service knew it.</param>
/// <param name="ServiceNames">The service's name by language, <c>ru</c> and <c>en</c>.</param>
public sealed record OfferSnapshot(Offer Offer, CompanyChanged Company, IReadOnlyDictionary<string, string> ServiceNames);

/// <summary>The outcome of a booking or of its cancellation; one per finished saga.</summary>
/// <param name="BookingId">The booking, which is the saga's id.</param>
/// <param name="OfferId">The offer that was asked for.</param>
/// <param name="Customer">Who booked.</param>
/// <param name="Snapshot">The offer and its company; null when the offer was never held (not found, or taken).</param>
/// <param name="PriceMinor">The price in minor units (hundredths).</param>
/// <param name="Reason">A stable code such as <c>insufficient_funds</c>, or the company's words for a cancellation.</param>
/// <param name="CancelledBy"><c>customer</c> or <c>company</c> for a cancellation, else null.</param>
/// <param name="RefundedMinor">What was returned, in minor units; 0 when nothing was.</param>
/// <param name="OccurredAt">When the saga finished.</param>
public sealed record BookingFinished(
    Guid BookingId,
    long OfferId,
    BookingCustomer Customer,
    OfferSnapshot? Snapshot,
    long PriceMinor,
    string? Reason,
    string? CancelledBy,
    long RefundedMinor,
    DateTimeOffset OccurredAt);

/// <summary>A paid offer's appointment is over; its booking can't be cancelled any more.</summary>
/// <param name="BookingId">The booking that has the offer.</param>
/// <param name="OfferId">The offer.</param>
public sealed record OfferCompleted(Guid BookingId, long OfferId);

/// <summary>The client as the company and the mails see them.</summary>
/// <param name="Id">The user's id, the token's <c>sub</c>.</param>
/// <param name="FirstName">Given name.</param>
/// <param name="LastName">Family name.</param>
/// <param name="Email">Mail address, lower-cased.</param>
/// <param name="Locale"><c>ru</c> or <c>en</c>; null when not chosen.</param>
/// <param name="TimeZone">IANA time zone id; null when not chosen.</param>
public sealed record BookingCustomer(
    Guid Id,
    string FirstName,
    string LastName,
    string Email,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Locale = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? TimeZone = null);

/// <summary>A booking begins, in the choreographed saga.</summary>
/// <param name="BookingId">The booking, which is the saga's id.</param>
/// <param name="OfferId">The offer that is asked for.</param>
/// <param name="Customer">Who books.</param>
public sealed record BookingRequested(Guid BookingId, long OfferId, BookingCustomer Customer);

/// <summary>A step of the choreographed saga between booking and payment.</summary>
/// <param name="BookingId">The booking, which is the saga's id.</param>
/// <param name="OfferId">The offer.</param>
/// <param name="CustomerId">Whose booking it is.</param>
/// <param name="CompanyId">Whose offer it is; 0 where the receiver does not need it.</param>
/// <param name="PriceMinor">The price in minor units; 0 where the receiver does not need it.</param>
/// <param name="Reason">Why something was refused or undone: a code of <see cref="BookingReasons"/>.</param>
public sealed record BookingStep(Guid BookingId, long OfferId, Guid CustomerId, long CompanyId = 0, long PriceMinor = 0, string? Reason = null);

/// <summary>How the choreographed saga ended at its participants, durably; whoever records it needs to ask nobody.</summary>
/// <param name="BookingId">The booking, which is the saga's id.</param>
/// <param name="Reason">Why it failed, a code of <see cref="BookingReasons"/>; null: it is paid.</param>
/// <param name="PriceMinor">The price in minor units; 0 when the offer was never held.</param>
/// <param name="Snapshot">The offer and its company; null when the offer was never held.</param>
public sealed record BookingEnded(Guid BookingId, string? Reason, long PriceMinor, OfferSnapshot? Snapshot);
