using BookSaga.Contracts.Payment;
using Code = BookSaga.Contracts.Payment.PaymentOutcome.Types.Code;

namespace BookSaga.Simulation.Tests;

/// <summary>
/// The payment service's decisions on money, as src/Payment/Migrations/0002_steps.sql makes them; <see cref="ConformanceTests"/> holds the two together.
/// </summary>
internal sealed class PaymentModel(Bug bug = Bug.None)
{
    internal sealed class Decision(string customer, long offer, long amount, bool charged, string reason)
    {
        internal string Customer { get; } = customer;

        internal long Offer { get; } = offer;

        internal long Amount { get; } = amount;

        internal bool Charged { get; } = charged;

        internal string Reason { get; } = reason;

        internal Code? ClosedAs { get; set; }
    }

    internal Dictionary<string, long> Balances { get; } = [];

    internal Dictionary<string, Decision> Decisions { get; } = [];

    internal PaymentOutcome Charge(ChargeItem item)
    {
        if (bug == Bug.ChargeDebitsBeforeItLooks && Balances.GetValueOrDefault(item.CustomerId) >= item.AmountMinor)
        {
            Balances[item.CustomerId] -= item.AmountMinor;
            Decisions.TryAdd(item.BookingId, new Decision(item.CustomerId, item.OfferId, item.AmountMinor, true, ""));
        }
        if (!Decisions.ContainsKey(item.BookingId))
        {
            bool enough = Balances.GetValueOrDefault(item.CustomerId) >= item.AmountMinor || bug == Bug.ChargeIgnoresTheBalance;
            if (enough)
            {
                Balances[item.CustomerId] = Balances.GetValueOrDefault(item.CustomerId) - item.AmountMinor;
            }
            if (enough || bug != Bug.RefusedChargeLeavesNoMark)
            {
                Decisions[item.BookingId] = new Decision(item.CustomerId, item.OfferId, item.AmountMinor, enough, enough ? "" : "insufficient_funds");
            }
            else
            {
                return new PaymentOutcome { Code = Code.Refused, Reason = "insufficient_funds" };
            }
        }
        return Decided(item);
    }

    internal PaymentOutcome Cancel(ChargeItem item)
    {
        if (bug != Bug.CancelPaymentLeavesNoMark)
        {
            Decisions.TryAdd(item.BookingId, new Decision(item.CustomerId, item.OfferId, Math.Max(1, item.AmountMinor), false, "cancelled"));
        }
        return Decisions.ContainsKey(item.BookingId) ? Decided(item) : new PaymentOutcome { Code = Code.Refused, Reason = "cancelled" };
    }

    internal PaymentOutcome Close(ChargeItem item, bool refund)
    {
        if (!Decisions.TryGetValue(item.BookingId, out Decision? decision) || IsOther(decision, item))
        {
            return new PaymentOutcome { Code = Code.Mismatch };
        }
        if (!decision.Charged)
        {
            return new PaymentOutcome { Code = Code.Refused, Reason = decision.Reason };
        }
        if (decision.ClosedAs is null || bug == Bug.RefundIsNotIdempotent)
        {
            decision.ClosedAs = refund ? Code.Refunded : Code.Retained;
            Balances[item.CustomerId] += refund ? decision.Amount : 0;
        }
        return new PaymentOutcome { Code = decision.ClosedAs!.Value };
    }

    private PaymentOutcome Decided(ChargeItem item)
    {
        Decision decision = Decisions[item.BookingId];
        return IsOther(decision, item) ? new PaymentOutcome { Code = Code.Mismatch }
            : decision.Charged ? new PaymentOutcome { Code = Code.Charged }
            : new PaymentOutcome { Code = Code.Refused, Reason = decision.Reason };
    }

    private static bool IsOther(Decision decision, ChargeItem item) =>
        decision.Customer != item.CustomerId || decision.Offer != item.OfferId
        || (decision.Amount != item.AmountMinor && decision.Reason != "cancelled" && item.AmountMinor != 0);
}
