using System.Data.Common;
using System.Text.Json.Serialization;
using BookSaga.Hosting.Data;

namespace BookSaga.Company.Companies;

/// <summary>The company object. Everything in it is public.</summary>
/// <param name="Id">The company's id.</param>
/// <param name="Logo">Address or name of its picture; empty when it has none.</param>
/// <param name="Name">Its name.</param>
/// <param name="Description">Free text, may be empty.</param>
/// <param name="Address">Free text.</param>
/// <param name="Phone">Free text.</param>
/// <param name="Email">Its public mail address, may be empty.</param>
/// <param name="Location">Latitude and longitude in degrees, or null.</param>
/// <param name="Active">False: its open offers are hidden and it takes no bookings.</param>
/// <param name="RefundableHours">Hours before an appointment until which a client's cancellation is refunded in full.</param>
/// <param name="Created">UTC.</param>
/// <param name="Updated">UTC; the last change of the fields above.</param>
/// <param name="Role">The caller's role, in the caller's own list only.</param>
internal sealed record CompanyView(
    long Id,
    string Logo,
    string Name,
    string Description,
    string Address,
    string Phone,
    string Email,
    double[]? Location,
    bool Active,
    int RefundableHours,
    DateTimeOffset Created,
    DateTimeOffset Updated,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Role = null)
{
    /// <summary>The columns that <see cref="Read"/> takes, of a table or alias <c>c</c>.</summary>
    internal const string Columns =
        "c.id, c.logo, c.name, c.description, c.address, c.phone, c.email, c.lat, c.lng, c.active, c.refundable_hours, c.created_at, c.updated_at";

    internal static CompanyView Read(DbDataReader row) => new(
        row.GetInt64(0), row.GetString(1), row.GetString(2), row.GetString(3), row.GetString(4), row.GetString(5), row.GetString(6),
        row.Nullable<double?>(7) is { } lat ? [lat, row.GetDouble(8)] : null,
        row.GetBoolean(9), row.GetInt32(10), row.GetFieldValue<DateTimeOffset>(11), row.GetFieldValue<DateTimeOffset>(12));
}
