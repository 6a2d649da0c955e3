using BookSaga.Hosting.Auth;
using BookSaga.Hosting.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace BookSaga.Company.Companies;

/// <summary>POST /company/{id}/logo: an admin sets the address or name of the logo, at most 255 characters; an empty one removes it.</summary>
/// <remarks>404 company not found. 403 forbidden. 400 logo is required, <c>text_too_long</c>.</remarks>
internal static class SetLogo
{
    internal sealed record Request(string? Logo);

    private const string Sql = $"UPDATE company c SET logo = $2, updated_at = now() WHERE c.id = $1 RETURNING {CompanyView.Columns}";

    internal static void Map(IEndpointRouteBuilder company) => company.MapPost("/{id:long}/logo", HandleAsync).WithSummary("Set the logo");

    private static Task<Results<Ok<CompanyView>, ProblemHttpResult>> HandleAsync(
        long id, Request? body, Caller caller, CompanyChanges changes, CancellationToken ct)
    {
        string logo = Text.Clean(body?.Logo);
        ProblemHttpResult? problem = body?.Logo is null ? Problems.BadRequest("logo is required") : Text.Check("logo", logo, 255);
        return changes.UpdateAsync(id, caller, problem, Sql, ct, logo);
    }
}
