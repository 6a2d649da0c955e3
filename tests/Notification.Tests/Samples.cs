using BookSaga.Contracts;
using BookSaga.Contracts.Events;

namespace BookSaga.Notification.Tests;

/// <summary>Events as the customer service sends them.</summary>
internal static class Samples
{
    // In Moscow 14:30, in New York 6:30, in Berlin 12:30.
    internal static readonly DateTimeOffset Appointment = new(2026, 12, 7, 11, 30, 0, TimeSpan.Zero);

    internal static readonly BookingCustomer Anna = new(
        Guid.Parse("0198c0de-0000-7000-8000-00000000000a"), "Анна", "О'Нил", "anna@example.com");

    internal static readonly CompanyChanged Salon = new(
        42, 3, "Салон «Ромашка»", "Москва, ул. Мира, 5", "+7 495 123-45-67", "salon@example.com", null, true, 24,
        ["boss@example.com", "desk@example.com"]);

    internal static BookingFinished Booking(Guid? id = null, CompanyChanged? company = null, BookingCustomer? customer = null, DateTimeOffset? time = null) => new(
        id ?? Guid.CreateVersion7(),
        1017,
        customer ?? Anna,
        new OfferSnapshot(
            new Offer(
                1017, 9, "Маникюр", null, 42, "Салон «Ромашка»", null, time ?? Appointment, "", 1500.50m, "paid", null,
                Guid.Empty, null, Appointment, Appointment),
            company ?? Salon,
            new Dictionary<string, string> { ["ru"] = "Маникюр", ["en"] = "Manicure" }),
        150050,
        null,
        null,
        0,
        Appointment.AddDays(-3));

    internal static BookingFinished Failed(string? reason, BookingFinished? booking = null) => (booking ?? Booking()) with { Reason = reason };

    internal static BookingFinished Cancelled(string by, string? reason, long refunded, BookingFinished? booking = null) =>
        (booking ?? Booking()) with { CancelledBy = by, Reason = reason, RefundedMinor = refunded };

    internal static Event Event(string type, BookingFinished booking, Guid? id = null) => new()
    {
        Id = (id ?? Guid.NewGuid()).ToString(),
        Type = type,
        PayloadJson = Json.Write(booking),
    };

    internal static Event Paid(BookingFinished? booking = null, Guid? id = null) => Event(EventTypes.BookingPaid, booking ?? Booking(), id);
}
