using System.Diagnostics;
using BookSaga.Contracts.Customer;
using BookSaga.Contracts.Queues;

namespace BookSaga.Company;

/// <summary>The services that this one asks, and how long it waits for them: then 503 with Retry-After.</summary>
internal sealed class Neighbours(
    Contracts.Booking.Offers.OffersClient offers, Contracts.Payment.Payments.PaymentsClient payments, Bookings.BookingsClient bookings, Mails.MailsClient mails,
    Contracts.Webhooks.Webhooks.WebhooksClient webhooks, TimeProvider time)
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(5);

    // Above the longest Saga:WaitLimit of customer, one minute, which answers "running" by itself when it has passed.
    private static readonly TimeSpan SagaLimit = TimeSpan.FromSeconds(65);

    internal Contracts.Booking.Offers.OffersClient Offers => offers;

    internal Contracts.Payment.Payments.PaymentsClient Payments => payments;

    internal Bookings.BookingsClient Bookings => bookings;

    internal Mails.MailsClient Mails => mails;

    internal Contracts.Webhooks.Webhooks.WebhooksClient Webhooks => webhooks;

    /// <summary>When a call that starts now is given up.</summary>
    internal DateTime Deadline() => time.GetUtcNow().UtcDateTime + Limit;

    /// <summary>When a call that runs a saga is given up.</summary>
    internal DateTime SagaDeadline() => time.GetUtcNow().UtcDateTime + SagaLimit;

    /// <summary>An answer that the contract does not have.</summary>
    internal static UnreachableException Unplanned<T>(T code)
        where T : struct, Enum => new($"A neighbour answered {typeof(T).FullName} {code}.");
}
