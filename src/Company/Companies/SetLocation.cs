using BookSaga.Hosting.Auth;
using BookSaga.Hosting.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace BookSaga.Company.Companies;

/// <summary>POST /company/{id}/location: an admin sets where the company is, in degrees: <c>lat</c> −90 to 90, <c>lng</c> −180 to 180.</summary>
/// <remarks>404 company not found. 403 forbidden. 400 lat and lng are required, <c>invalid_location</c>.</remarks>
internal static class SetLocation
{
    internal sealed record Request(double? Lat, double? Lng);

    private const string Sql = $"UPDATE company c SET lat = $2, lng = $3, updated_at = now() WHERE c.id = $1 RETURNING {CompanyView.Columns}";

    internal static void Map(IEndpointRouteBuilder company) => company.MapPost("/{id:long}/location", HandleAsync).WithSummary("Set the place on the map");

    private static Task<Results<Ok<CompanyView>, ProblemHttpResult>> HandleAsync(
        long id, Request? body, Caller caller, CompanyChanges changes, CancellationToken ct)
    {
        (double? lat, double? lng) = body ?? new Request(null, null);
        ProblemHttpResult? problem = (lat, lng) switch
        {
            (>= -90 and <= 90, >= -180 and <= 180) => null,
            (not null, not null) => Problems.BadRequest("lat must be from -90 to 90 and lng from -180 to 180", "invalid_location"),
            _ => Problems.BadRequest("lat and lng are required"),
        };
        return changes.UpdateAsync(id, caller, problem, Sql, ct, lat, lng);
    }
}
