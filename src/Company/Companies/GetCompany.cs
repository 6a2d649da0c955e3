using BookSaga.Hosting.Data;
using BookSaga.Hosting.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;

namespace BookSaga.Company.Companies;

/// <summary>GET /company/{id} for whoever is signed in, GET /companies/{id} without a token: the company object.</summary>
/// <remarks>404 company not found.</remarks>
internal static class GetCompany
{
    private const string Sql = $"SELECT {CompanyView.Columns} FROM company c WHERE c.id = $1";

    internal static void Map(IEndpointRouteBuilder company) => company.MapGet("/{id:long}", HandleAsync).WithSummary("One company");

    internal static void MapPublic(IEndpointRouteBuilder api) => api.MapGet("/companies/{id:long}", HandleAsync).WithSummary("One company without signing in").AllowAnonymous();

    private static async Task<Results<Ok<CompanyView>, ProblemHttpResult>> HandleAsync(long id, NpgsqlDataSource db, CancellationToken ct) =>
        await db.QueryFirstAsync(Sql, CompanyView.Read, ct, id) is { } company
            ? TypedResults.Ok(company)
            : Problems.NotFound("company not found");
}
