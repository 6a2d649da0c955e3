using System.Diagnostics;
using BookSaga.Contracts;
using BookSaga.Contracts.Payment;
using BookSaga.Hosting.Events;
using Npgsql;

namespace BookSaga.Payment.Steps;

/// <summary>
/// The choreographed saga's steps on money: the same functions as the commands', driven by events. What the answer would have been is
/// the event that follows, in the same commit.
/// </summary>
internal static class PaymentEvents
{
    private const string Booking = "booking";

    /// <summary>Registers the consumers of the saga's events, and the outbox for what follows from them.</summary>
    internal static void AddPaymentEvents(this WebApplicationBuilder builder)
    {
        builder.AddOutbox(new OutboxDestination(Booking));
        builder.AddEventStep<BookingStep>(EventTypes.OfferReserved, _ => ChargeAsync);
        builder.AddEventStep<BookingStep>(EventTypes.ConfirmRefused, _ => RefundAsync);
    }

    private static async Task<IReadOnlyList<FollowingEvent>> ChargeAsync(NpgsqlConnection connection, IReadOnlyList<BookingStep> items)
    {
        IReadOnlyList<PaymentOutcome> outcomes = await PaymentBatches.ChargeAsync(connection, Items(items));
        return [.. items.Zip(outcomes, (item, outcome) => outcome.Code switch
        {
            PaymentOutcome.Types.Code.Charged => FollowingEvent.Of(Booking, EventTypes.PaymentCharged, item),
            PaymentOutcome.Types.Code.Refused => FollowingEvent.Of(Booking, EventTypes.PaymentRefused, item with { Reason = BookingReasons.OfPayment(outcome.Reason) }),
            _ => throw new UnreachableException($"Charge answered {outcome.Code}: {outcome.Reason}"),
        })];
    }

    private static async Task<IReadOnlyList<FollowingEvent>> RefundAsync(NpgsqlConnection connection, IReadOnlyList<BookingStep> items)
    {
        IReadOnlyList<PaymentOutcome> outcomes = await PaymentBatches.RefundAsync(connection, Items(items));
        return [.. items.Zip(outcomes, (item, outcome) => outcome.Code == PaymentOutcome.Types.Code.Refunded
            ? FollowingEvent.Of(Booking, EventTypes.PaymentRefunded, item)
            : throw new UnreachableException($"Refund answered {outcome.Code}: {outcome.Reason}"))];
    }

    private static ChargeItem[] Items(IReadOnlyList<BookingStep> items) =>
    [
        .. items.Select(i => new ChargeItem
        {
            BookingId = i.BookingId.ToString(), CustomerId = i.CustomerId.ToString(), OfferId = i.OfferId, CompanyId = i.CompanyId, AmountMinor = i.PriceMinor,
        }),
    ];
}
