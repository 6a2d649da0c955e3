namespace BookSaga.Web.Api;

/// <summary>A bookable time, as far as pages show it. A page reads a hundred: as properties that takes less than by a constructor of twelve parameters.</summary>
public sealed record Offer
{
    public long Id { get; init; }

    public int ServiceId { get; init; }

    public string ServiceName { get; init; } = "";

    public long CompanyId { get; init; }

    public string CompanyName { get; init; } = "";

    public IReadOnlyList<double>? Location { get; init; }

    public DateTimeOffset Datetime { get; init; }

    public string Description { get; init; } = "";

    public decimal Price { get; init; }

    public string Status { get; init; } = "";

    public string? CancelReason { get; init; }

    public double? DistanceKm { get; init; }
}

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
