using BookSaga.Hosting.Auth;
using Microsoft.AspNetCore.Http.HttpResults;

namespace BookSaga.Company.Companies;

/// <summary>
/// POST /company/{id}/activate and /deactivate: an admin shows the company's open offers and takes bookings again, or hides and refuses them.
/// Booking has heard of it before the answer, unless it is out of reach; then it hears as soon as it is back.
/// </summary>
/// <remarks>404 company not found. 403 forbidden.</remarks>
internal static class SetActive
{
    private const string Sql = $"UPDATE company c SET active = $2, updated_at = now() WHERE c.id = $1 RETURNING {CompanyView.Columns}";

    internal static void Map(IEndpointRouteBuilder company)
    {
        company.MapPost("/{id:long}/activate", (long id, Caller caller, CompanyChanges changes, CancellationToken ct) => HandleAsync(id, true, caller, changes, ct)).WithSummary("Show the company and take bookings");
        company.MapPost("/{id:long}/deactivate", (long id, Caller caller, CompanyChanges changes, CancellationToken ct) => HandleAsync(id, false, caller, changes, ct)).WithSummary("Hide the company and take no bookings");
    }

    private static async Task<Results<Ok<CompanyView>, ProblemHttpResult>> HandleAsync(
        long id, bool active, Caller caller, CompanyChanges changes, CancellationToken ct)
    {
        Results<Ok<CompanyView>, ProblemHttpResult> result = await changes.UpdateAsync(id, caller, null, Sql, ct, active);
        if (result.Result is Ok<CompanyView>)
        {
            await changes.ToldAsync(ct);
        }
        return result;
    }
}
