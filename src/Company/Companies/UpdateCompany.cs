using BookSaga.Hosting.Auth;
using Microsoft.AspNetCore.Http.HttpResults;

namespace BookSaga.Company.Companies;

/// <summary>
/// PUT /company/{id}: an admin replaces name, address, phone, description and email (an absent description or email is cleared).
/// Logo, location and active have routes of their own and stay; so does <c>refundable_hours</c> when it is absent.
/// </summary>
/// <remarks>404 company not found. 403 forbidden: not an admin. 400 as for POST /company.</remarks>
internal static class UpdateCompany
{
    private const string Sql = $"""
        UPDATE company c SET name = $2, address = $3, phone = $4, description = $5, email = $6,
            refundable_hours = coalesce($7::int, c.refundable_hours), updated_at = now()
        WHERE c.id = $1 RETURNING {CompanyView.Columns}
        """;

    internal static void Map(IEndpointRouteBuilder company) => company.MapPut("/{id:long}", HandleAsync).WithSummary("Change a company");

    private static Task<Results<Ok<CompanyView>, ProblemHttpResult>> HandleAsync(
        long id, CompanyFields? body, Caller caller, CompanyChanges changes, CancellationToken ct)
    {
        CompanyFields fields = CompanyFields.Clean(body);
        return changes.UpdateAsync(
            id, caller, fields.Problem(), Sql, ct, fields.Name, fields.Address, fields.Phone, fields.Description, fields.Email, fields.RefundableHours);
    }
}
