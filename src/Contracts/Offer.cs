using System.Text.Json.Serialization;

namespace BookSaga.Contracts;

/// <summary>The public offer object. The booking service writes it; others pass it on.</summary>
/// <param name="Id">The offer's id.</param>
/// <param name="ServiceId">The category.</param>
/// <param name="ServiceName">The category's name in the reader's language.</param>
/// <param name="Customer">Who has it; only in the company's own list.</param>
/// <param name="CompanyId">Who offers it.</param>
/// <param name="CompanyName">The company's name.</param>
/// <param name="Location">Latitude and longitude of the company in degrees, or null.</param>
/// <param name="Datetime">When the appointment begins, UTC.</param>
/// <param name="Description">Free text.</param>
/// <param name="Price">Price in major units.</param>
/// <param name="Status">One of <c>open</c>, <c>reserved</c>, <c>paid</c>, <c>submitted</c>, <c>completed</c>, <c>canceled_by_customer</c>, <c>canceled_by_company</c>.</param>
/// <param name="CancelReason">Why it was cancelled, where it was.</param>
/// <param name="CreatedBy">The manager who posted it.</param>
/// <param name="UpdatedBy">The manager who last changed it; only in the company's own list.</param>
/// <param name="CreatedAt">When it was posted, UTC.</param>
/// <param name="UpdatedAt">When it last changed, UTC.</param>
/// <param name="DistanceKm">How far the company is from the place that a search named, kilometres; only in such a search.</param>
public sealed record Offer(
    long Id,
    int ServiceId,
    string ServiceName,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] BookingCustomer? Customer,
    long CompanyId,
    string CompanyName,
    double[]? Location,
    DateTimeOffset Datetime,
    string Description,
    decimal Price,
    string Status,
    string? CancelReason,
    Guid CreatedBy,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] Guid? UpdatedBy,
    DateTimeOffset CreatedAt,
    DateTimeOffset UpdatedAt,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] double? DistanceKm = null);
