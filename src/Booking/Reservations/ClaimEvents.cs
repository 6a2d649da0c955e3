using System.Diagnostics;
using BookSaga.Contracts;
using BookSaga.Contracts.Booking;
using BookSaga.Hosting.Events;
using Microsoft.Extensions.Options;
using Npgsql;

namespace BookSaga.Booking.Reservations;

/// <summary>
/// The choreographed saga's steps on claims: the same functions as the commands', driven by events. What the answer would have been is
/// the event that follows, in the same commit.
/// </summary>
internal static class ClaimEvents
{
    private const string Payment = "payment";
    private const string Customer = "customer";

    /// <summary>Registers the consumers of the saga's events.</summary>
    internal static void AddClaimEvents(this WebApplicationBuilder builder)
    {
        builder.AddEventStep<BookingRequested>(EventTypes.BookingRequested, services =>
        {
            bool allowPast = services.GetRequiredService<IOptions<BookingOptions>>().Value.AllowPast;
            return (connection, items) => ReserveAsync(connection, items, allowPast);
        });
        builder.AddEventStep<BookingStep>(EventTypes.PaymentCharged, _ => ConfirmAsync);
        builder.AddEventStep<BookingStep>(EventTypes.PaymentRefused, _ => ReleaseAsync);
        builder.AddEventStep<BookingStep>(EventTypes.PaymentRefunded, _ => ReleaseAsync);
    }

    private static async Task<IReadOnlyList<FollowingEvent>> ReserveAsync(NpgsqlConnection connection, IReadOnlyList<BookingRequested> items, bool allowPast)
    {
        IReadOnlyList<ReserveOutcome> outcomes = await ClaimBatches.ReserveAsync(
            connection,
            [.. items.Select(i => new ReserveOffer
            {
                BookingId = i.BookingId.ToString(), OfferId = i.OfferId, CustomerId = i.Customer.Id.ToString(), CustomerJson = Json.Write(i.Customer),
            })],
            allowPast);
        return [.. items.Zip(outcomes, (item, outcome) => outcome.Code == ReserveOutcome.Types.Code.Held
            ? FollowingEvent.Of(Payment, EventTypes.OfferReserved, new BookingStep(item.BookingId, item.OfferId, item.Customer.Id, outcome.CompanyId, outcome.PriceMinor))
            : FollowingEvent.Of(Customer, EventTypes.OfferRefused, new BookingEnded(
                item.BookingId, BookingReasons.OfReserve(outcome.Code) ?? throw new UnreachableException($"Reserve answered {outcome.Code}"), 0, null)))];
    }

    private static async Task<IReadOnlyList<FollowingEvent>> ConfirmAsync(NpgsqlConnection connection, IReadOnlyList<BookingStep> items)
    {
        ClaimKey[] keys = Keys(items);
        IReadOnlyList<ClaimOutcome> outcomes = await ClaimBatches.ConfirmAsync(connection, keys);
        IReadOnlyList<ReserveOutcome> held = await ClaimBatches.HeldAsync(connection, keys);
        return [.. items.Select((item, i) => outcomes[i].Code switch
        {
            ClaimOutcome.Types.Code.Done => FollowingEvent.Of(Customer, EventTypes.ClaimPaid, Ended(item, null, held[i])),
            ClaimOutcome.Types.Code.Gone => FollowingEvent.Of(Payment, EventTypes.ConfirmRefused, item with { Reason = BookingReasons.OfferWithdrawn }),
            _ => throw new UnreachableException($"Confirm answered {outcomes[i].Code}: {outcomes[i].Reason}"),
        })];
    }

    private static async Task<IReadOnlyList<FollowingEvent>> ReleaseAsync(NpgsqlConnection connection, IReadOnlyList<BookingStep> items)
    {
        ClaimKey[] keys = Keys(items);
        IReadOnlyList<ClaimOutcome> outcomes = await ClaimBatches.ReleaseAsync(connection, keys);
        IReadOnlyList<ReserveOutcome> held = await ClaimBatches.HeldAsync(connection, keys);
        return [.. items.Select((item, i) => outcomes[i].Code == ClaimOutcome.Types.Code.Done
            ? FollowingEvent.Of(Customer, EventTypes.ClaimFailed, Ended(item, item.Reason ?? throw new UnreachableException("a refusal has a reason"), held[i]))
            : throw new UnreachableException($"Release answered {outcomes[i].Code}: {outcomes[i].Reason}"))];
    }

    private static BookingEnded Ended(BookingStep item, string? reason, ReserveOutcome held) => new(
        item.BookingId, reason, held.PriceMinor, held.SnapshotJson.Length > 0 ? Json.Read<OfferSnapshot>(held.SnapshotJson) : null);

    private static ClaimKey[] Keys(IReadOnlyList<BookingStep> items) =>
        [.. items.Select(i => new ClaimKey { BookingId = i.BookingId.ToString(), OfferId = i.OfferId, CustomerId = i.CustomerId.ToString() })];
}
