namespace BookSaga.Contracts;

/// <summary>A line of a statement, the customer's or the company's. The payment service writes it; company passes it on.</summary>
/// <param name="Id">Its number, rising with time.</param>
/// <param name="Type"><c>top-up</c>, <c>payment</c>, <c>refund</c> or <c>forfeit</c> (a balance given up with the account).</param>
/// <param name="Status"><c>completed</c> or <c>refused</c>.</param>
/// <param name="Amount">In major units, above 0; the type gives the direction.</param>
/// <param name="BookingId">The booking it belongs to; null for a top-up.</param>
/// <param name="OfferId">The offer it belongs to; null for a top-up.</param>
/// <param name="Reason">Why it was refused, such as <c>insufficient_funds</c>.</param>
/// <param name="BalanceAfter">The account's balance right after it, in major units.</param>
/// <param name="CreatedAt">When it was recorded, UTC.</param>
public sealed record Transaction(
    long Id, string Type, string Status, decimal Amount, Guid? BookingId, long? OfferId, string? Reason, decimal BalanceAfter, DateTimeOffset CreatedAt);
