namespace BookSaga.Web.Pages.Business;

/// <summary>An offer as its company sees it.</summary>
public sealed record CompanyOffer(
    long Id, int ServiceId, string ServiceName, OfferClient? Customer, long CompanyId, DateTimeOffset Datetime, string Description, decimal Price, string Status,
    string? CancelReason, DateTimeOffset CreatedAt)
{
    /// <summary>Whether it can be taken back.</summary>
    internal bool IsLive => Status is "open" or "reserved" or "paid" or "submitted";
}

/// <summary>Who has an offer; names are empty when the person was forgotten.</summary>
public sealed record OfferClient(Guid Id, string FirstName, string LastName, string Email)
{
    internal string Name => $"{FirstName} {LastName}".Trim();
}

/// <summary>What a company has earned.</summary>
public sealed record CompanyBalance(decimal Balance, decimal Earned, decimal Refunded);

/// <summary>A line of a company's statement.</summary>
public sealed record CompanyTransaction(
    long Id, string Type, string Status, decimal Amount, Guid? BookingId, long? OfferId, string? Reason, decimal BalanceAfter, DateTimeOffset CreatedAt);

/// <summary>Somebody of a company, or invited.</summary>
public sealed record Manager(long Id, Guid? UserId, string Email, string FirstName, string LastName, string Role, bool Active);

/// <summary>A mail to a company.</summary>
public sealed record CompanyMail(
    long Id, Guid BookingId, string Kind, string Subject, IReadOnlyList<string> To, IReadOnlyList<string> Cc, string State, string? Reason, int Resends, DateTimeOffset CreatedAt,
    IReadOnlyList<MailTry> Log);

/// <summary>An attempt at a mail.</summary>
public sealed record MailTry(DateTimeOffset At, int Attempt, string Outcome, string? Reason, string Answer);

/// <summary>A webhook.</summary>
public sealed record Webhook(
    long Id, string Url, IReadOnlyList<string> EventTypes, bool Active, string? DisabledReason, DateTimeOffset? FailingSince, DateTimeOffset CreatedAt, string? Secret = null);

/// <summary>An event on its way to a webhook.</summary>
public sealed record Delivery(
    string Id, string Type, Guid? BookingId, DateTimeOffset OccurredAt, string State, DateTimeOffset? NextAttemptAt, DateTimeOffset? FinishedAt, IReadOnlyList<DeliveryTry> Attempts);

/// <summary>A request to a webhook.</summary>
public sealed record DeliveryTry(DateTimeOffset At, int? Status, int DurationMs, string? Error, string Answer);

/// <summary>How many events are sent again.</summary>
public sealed record Replayed(int Queued);

/// <summary>A weekly pattern's offers: what would be posted, or was.</summary>
public sealed record WeeklyBatch(Guid? Id, string Status, int Total, int Created, IReadOnlyList<SkippedTime> Skipped, IReadOnlyList<PostedTime> Offers)
{
    /// <summary>Offers that a preview promises.</summary>
    internal int Planned => Total - Skipped.Count;
}

/// <summary>A time without an offer, and why.</summary>
public sealed record SkippedTime(string Local, DateTimeOffset? Datetime, string Reason);

/// <summary>A time with an offer.</summary>
public sealed record PostedTime(DateTimeOffset Datetime, string Local, string Offset);
