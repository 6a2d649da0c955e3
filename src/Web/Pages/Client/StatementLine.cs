namespace BookSaga.Web.Pages.Client;

/// <summary>A line of the visitor's statement.</summary>
public sealed record StatementLine(
    long Id, string Type, string Status, decimal Amount, Guid? BookingId, long? OfferId, string? Reason, decimal BalanceAfter, DateTimeOffset CreatedAt);
