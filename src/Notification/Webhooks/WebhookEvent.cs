using BookSaga.Contracts;
using BookSaga.Notification.Mails;

namespace BookSaga.Notification.Webhooks;

/// <summary>What a company is told, rendered once: every webhook and every attempt gets the same bytes.</summary>
/// <param name="EventId">The event that was received.</param>
/// <param name="CompanyId">Whom it concerns.</param>
/// <param name="Type">The type of the webhook.</param>
/// <param name="OccurredAt">When it happened.</param>
/// <param name="Body">The JSON body.</param>
/// <param name="Company">The company as the event knows it.</param>
internal sealed record WebhookEvent(Guid EventId, long CompanyId, string Type, DateTimeOffset OccurredAt, string Body, CompanyChanged Company)
{
    /// <summary>The type of a test.</summary>
    internal const string Test = "webhook.test";

    /// <summary>What can be subscribed.</summary>
    internal static readonly string[] Types = ["booking.paid", "booking.failed", "booking.cancelled"];

    /// <summary>The event of <paramref name="booking"/>; null when its offer was never held, which is no company's business.</summary>
    internal static WebhookEvent? Of(Guid id, Outcome outcome, BookingFinished booking)
    {
        if (booking.Snapshot is not { } snapshot)
        {
            return null;
        }
        string type = Types[(int)outcome];
        return new(id, snapshot.Company.Id, type, booking.OccurredAt, Render(type, booking.OccurredAt, Data.Of(booking, snapshot)), snapshot.Company);
    }

    /// <summary>The body of a test.</summary>
    internal static string TestBody(long webhookId, DateTimeOffset now) => Render(Test, now, new { webhook_id = webhookId });

    /// <summary>The <c>webhook-id</c> of an event for a webhook.</summary>
    internal static string MessageId(Guid eventId, long webhookId) => FormattableString.Invariant($"msg_{eventId:N}_{webhookId}");

    // Standard Webhooks, "Payload structure".
    private static string Render<T>(string type, DateTimeOffset timestamp, T data) => Json.Write(new { type, timestamp, data });

    private sealed record Data(
        Guid BookingId, long OfferId, long CompanyId, int ServiceId, string ServiceName, DateTimeOffset Datetime, decimal Price,
        string? Reason, string? CancelledBy, decimal Refunded, Client Customer)
    {
        internal static Data Of(BookingFinished booking, OfferSnapshot snapshot) => new(
            booking.BookingId, booking.OfferId, snapshot.Company.Id, snapshot.Offer.ServiceId, snapshot.Offer.ServiceName, snapshot.Offer.Datetime,
            Hosting.Http.Money.ToMajor(booking.PriceMinor), booking.Reason, booking.CancelledBy, Hosting.Http.Money.ToMajor(booking.RefundedMinor),
            new Client(booking.Customer.Id, booking.Customer.FirstName, booking.Customer.LastName, booking.Customer.Email));
    }

    private sealed record Client(Guid Id, string FirstName, string LastName, string Email);
}
