using BookSaga.Contracts;
using BookSaga.Contracts.Booking;
using Claimed = BookSaga.Contracts.Booking.ClaimOutcome.Types.Code;
using Reserved = BookSaga.Contracts.Booking.ReserveOutcome.Types.Code;

namespace BookSaga.Simulation.Tests;

/// <summary>
/// The booking service's decisions on claims, as src/Booking/Migrations/0002_steps.sql makes them; <see cref="ConformanceTests"/> holds the two together.
/// </summary>
internal sealed class BookingModel(Bug bug = Bug.None)
{
    internal sealed class OfferRow(long id, long priceMinor)
    {
        internal long Id { get; } = id;

        internal long PriceMinor { get; } = priceMinor;

        internal string Status { get; set; } = "open";

        internal string? Booking { get; set; }
    }

    internal sealed class ClaimRow(string booking, long offer, string customer, Reserved outcome, string state)
    {
        internal string Booking { get; } = booking;

        internal long Offer { get; } = offer;

        internal string Customer { get; } = customer;

        internal Reserved Outcome { get; } = outcome;

        internal string State { get; set; } = state;

        internal bool Paid { get; set; }

        internal string? CancelledBy { get; set; }
    }

    internal Dictionary<long, OfferRow> Offers { get; } = [];

    internal Dictionary<string, ClaimRow> Claims { get; } = [];

    internal ReserveOutcome Reserve(ReserveOffer item)
    {
        if (!Claims.TryGetValue(item.BookingId, out ClaimRow? claim) || (bug == Bug.ReserveForgetsItsOutcome && claim.State != "paid"))
        {
            OfferRow? offer = Offers.GetValueOrDefault(item.OfferId);
            Reserved outcome = offer is null ? Reserved.NotFound
                : offer.Status == "open" || (bug == Bug.ReserveIgnoresOtherClaims && offer.Status == "reserved") ? Reserved.Held
                : Reserved.Taken;
            claim = new ClaimRow(item.BookingId, item.OfferId, item.CustomerId, outcome, outcome == Reserved.Held ? "held" : "none");
            if (outcome == Reserved.Held || bug != Bug.RefusedReserveLeavesNoMark)
            {
                Claims[item.BookingId] = claim;
            }
            if (outcome == Reserved.Held)
            {
                (offer!.Status, offer.Booking) = ("reserved", item.BookingId);
            }
        }
        if (claim.Offer != item.OfferId || claim.Customer != item.CustomerId)
        {
            return new ReserveOutcome { Code = Reserved.Mismatch };
        }
        var answer = new ReserveOutcome { Code = claim.Outcome };
        if (claim.Outcome == Reserved.Held)
        {
            OfferRow offer = Offers[claim.Offer];
            answer.PriceMinor = offer.PriceMinor;
            answer.CompanyId = 1;
            answer.SnapshotJson = Snapshot(offer);
        }
        return answer;
    }

    internal ClaimOutcome Confirm(ClaimKey key)
    {
        if (!Claims.TryGetValue(key.BookingId, out ClaimRow? claim))
        {
            return new ClaimOutcome { Code = Claimed.Gone };
        }
        if (!IsOf(claim, key))
        {
            return new ClaimOutcome { Code = Claimed.Mismatch };
        }
        if (claim.State == "held" && Offers[claim.Offer] is { Status: "reserved" } offer && offer.Booking == claim.Booking)
        {
            (claim.State, claim.Paid, offer.Status) = ("paid", true, "paid");
        }
        return new ClaimOutcome { Code = claim.Paid || bug == Bug.ConfirmNeverRefuses ? Claimed.Done : Claimed.Gone };
    }

    internal ClaimOutcome Release(ClaimKey key)
    {
        if (!Claims.TryGetValue(key.BookingId, out ClaimRow? claim))
        {
            claim = Claims[key.BookingId] = new ClaimRow(key.BookingId, key.OfferId, key.CustomerId, Reserved.Released, "released");
        }
        if (!IsOf(claim, key))
        {
            return new ClaimOutcome { Code = Claimed.Mismatch };
        }
        if (claim.State == "held")
        {
            claim.State = "released";
            OfferRow offer = Offers[claim.Offer];
            if (offer.Booking == claim.Booking && offer.Status == "reserved" && bug != Bug.ReleaseLeavesTheOfferHeld)
            {
                (offer.Status, offer.Booking) = ("open", null);
            }
        }
        return new ClaimOutcome { Code = claim.Paid ? Claimed.Refused : Claimed.Done };
    }

    internal ClaimOutcome Cancel(CancelClaim command)
    {
        if (!Claims.TryGetValue(command.Key.BookingId, out ClaimRow? claim))
        {
            return new ClaimOutcome { Code = Claimed.Refused, Reason = "not_paid" };
        }
        if (!IsOf(claim, command.Key))
        {
            return new ClaimOutcome { Code = Claimed.Mismatch };
        }
        string by = command.By.ToString();
        if (claim.State == "paid" && Offers[claim.Offer] is { Status: "paid" } offer)
        {
            bool company = command.By == CancelClaim.Types.By.Company;
            (claim.State, claim.CancelledBy) = ("cancelled", by);
            (offer.Status, offer.Booking) = company ? ("canceled_by_company", offer.Booking) : ("open", null);
        }
        return claim.State == "cancelled" && claim.CancelledBy == by
            ? new ClaimOutcome { Code = Claimed.Done }
            : new ClaimOutcome { Code = Claimed.Refused, Reason = "already_cancelled" };
    }

    /// <summary>The company takes the offer back; a paid one stays.</summary>
    internal WithdrawOutcome.Types.Code Withdraw(long id)
    {
        OfferRow? offer = Offers.GetValueOrDefault(id);
        if (offer?.Status is not ("open" or "reserved"))
        {
            return offer is null ? WithdrawOutcome.Types.Code.NotFound : offer.Status == "paid" ? WithdrawOutcome.Types.Code.Paid : WithdrawOutcome.Types.Code.Closed;
        }
        foreach (ClaimRow claim in Claims.Values.Where(c => c.Offer == id && c.State == "held"))
        {
            claim.State = "gone";
        }
        (offer.Status, offer.Booking) = ("canceled_by_company", null);
        return WithdrawOutcome.Types.Code.Withdrawn;
    }

    private static bool IsOf(ClaimRow claim, ClaimKey key) => claim.Offer == key.OfferId && claim.Customer == key.CustomerId;

    private static string Snapshot(OfferRow offer) => Json.Write(new OfferSnapshot(
        new Offer(offer.Id, 7, "", null, 1, "", null, DateTimeOffset.UnixEpoch, "", offer.PriceMinor / 100m, "reserved", null, Guid.Empty, null, DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch),
        new CompanyChanged(1, 1, "", "", "", null, null, true, 24, []),
        new Dictionary<string, string> { ["ru"] = "", ["en"] = "" }));
}
