namespace BookSaga.Web.Api;

/// <summary>A bookable time, as far as pages show it.</summary>
public sealed record Offer(
    long Id, int ServiceId, string ServiceName, long CompanyId, string CompanyName, double[]? Location, DateTimeOffset Datetime, string Description, decimal Price, string Status,
    string? CancelReason = null, double? DistanceKm = null);

/// <summary>A category.</summary>
public sealed record Service(int Id, int ParentId, string Name);

/// <summary>A company's public side.</summary>
public sealed record Company(
    long Id, string Logo, string Name, string Description, string Address, string Phone, string Email, double[]? Location, bool Active, int RefundableHours, string? Role = null);

/// <summary>A booking with its story.</summary>
public sealed record Booking(
    Guid Id, long OfferId, Offer? Offer, string Status, string? Reason, decimal? Price, DateTimeOffset? RefundableUntil, DateTimeOffset CreatedAt, DateTimeOffset? FinishedAt,
    IReadOnlyList<TimelineStep>? Timeline = null);

/// <summary>A step of a booking's story.</summary>
public sealed record TimelineStep(string Step, string Status, DateTimeOffset? At, double? DurationMs, string? Detail, string Money);

/// <summary>What is on an account.</summary>
public sealed record AccountBalance(decimal Balance);
