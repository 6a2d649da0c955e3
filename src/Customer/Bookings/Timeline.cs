using BookSaga.Contracts.Booking;
using BookSaga.Contracts.Payment;
using Google.Protobuf.WellKnownTypes;

namespace BookSaga.Customer.Bookings;

/// <summary>A step of a booking as its client sees it.</summary>
/// <param name="Step">What: <c>requested</c>, <c>slot_held</c>, <c>payment_taken</c>, <c>confirmed</c>, <c>mail_queued</c>, <c>payment_returned</c>, <c>slot_released</c>, …</param>
/// <param name="Status"><c>done</c>, <c>refused</c> or <c>pending</c>.</param>
/// <param name="At">When it was recorded, UTC; null while pending.</param>
/// <param name="DurationMs">Milliseconds since the step before.</param>
/// <param name="Detail">A stable code, such as why it was refused.</param>
/// <param name="Money">Where the money is after it: <c>none_moved</c>, <c>taken</c> or <c>returned</c>.</param>
internal sealed record TimelineEntry(string Step, string Status, DateTimeOffset? At, double? DurationMs, string? Detail, string Money);

/// <summary>The cancellation's own row.</summary>
internal sealed record CancellationFacts(string Status, bool ByCompany, DateTimeOffset CreatedAt, DateTimeOffset? FinishedAt);

/// <summary>Puts what the three services have recorded into one story. Pure.</summary>
internal static class Timeline
{
    private const string NoneMoved = "none_moved";
    private const string Taken = "taken";
    private const string Returned = "returned";

    internal static IReadOnlyList<TimelineEntry> Of(BookingView booking, ClaimDescription? claim, PaymentDescription? payment, CancellationFacts? cancellation)
    {
        var story = new Story();
        story.Add("requested", "done", booking.CreatedAt, null, NoneMoved);
        bool held = claim is { Outcome: "held" };
        if (claim is { Found: true, Outcome: not "released" })
        {
            story.Add("slot_held", held ? "done" : "refused", At(claim.ReservedAt), held ? null : "offer_" + claim.Outcome, NoneMoved);
        }
        bool charged = payment is { Decision: "charged" };
        if (payment is { Decision.Length: > 0 })
        {
            story.Add("payment_taken", charged ? "done" : "refused", At(payment.DecidedAt), charged ? null : payment.Reason, charged ? Taken : NoneMoved);
        }
        if (claim?.PaidAt is { } paidAt)
        {
            story.Add("confirmed", "done", At(paidAt), null, Taken);
        }
        else if (charged && claim is { State: "gone" or "released" })
        {
            story.Add("confirmed", "refused", At(claim.ClosedAt), claim.Reason, Taken);
        }
        bool returned = payment is { ClosedAs: "refunded" };
        if (booking.Status is "paid" or "cancelled" or "completed")
        {
            story.Add("mail_queued", "done", cancellation is { Status: "cancelled" } ? null : booking.FinishedAt, null, Taken);
        }
        if (cancellation is { Status: not "refused" })
        {
            story.Add("cancellation_requested", "done", cancellation.CreatedAt, cancellation.ByCompany ? "by_company" : "by_customer", Taken);
        }
        if (payment is { ClosedAs.Length: > 0 })
        {
            story.Add(returned ? "payment_returned" : "payment_retained", "done", At(payment.ClosedAt), null, returned ? Returned : Taken);
        }
        if (claim is { State: "released", ClosedAt: { } releasedAt })
        {
            story.Add("slot_released", "done", At(releasedAt), null, returned ? Returned : charged ? Taken : NoneMoved);
        }
        if (booking.Status is "failed" || cancellation is { Status: "cancelled" })
        {
            story.Add("mail_queued", "done", cancellation?.FinishedAt ?? booking.FinishedAt, null, returned ? Returned : charged ? Taken : NoneMoved);
        }
        if (booking.Status == "pending" && payment is not { Decision: "refused" } && claim is not { State: "gone" or "released" or "none" })
        {
            story.AddPending(held, charged);
        }
        return story.Entries;
    }

    private static DateTimeOffset? At(Timestamp? time) => time?.ToDateTimeOffset();

    private sealed class Story
    {
        private DateTimeOffset? _last;

        internal List<TimelineEntry> Entries { get; } = [];

        internal void Add(string step, string status, DateTimeOffset? at, string? detail, string money)
        {
            // Three databases, three clocks: a step never seems to have taken less than nothing.
            double? duration = at is { } now && _last is { } before ? Math.Max(0, Math.Round((now - before).TotalMilliseconds, 1)) : null;
            Entries.Add(new TimelineEntry(step, status, at, duration, detail, money));
            _last = at ?? _last;
        }

        internal void AddPending(bool held, bool charged)
        {
            string money = charged ? Taken : NoneMoved;
            if (!held)
            {
                Add("slot_held", "pending", null, null, money);
            }
            if (!charged)
            {
                Add("payment_taken", "pending", null, null, money);
            }
            if (Entries.TrueForAll(e => e.Step != "confirmed"))
            {
                Add("confirmed", "pending", null, null, money);
            }
            Add("mail_queued", "pending", null, null, money);
        }
    }
}
