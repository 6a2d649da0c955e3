using BookSaga.Hosting.Data;
using BookSaga.Hosting.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;

namespace BookSaga.Company.Companies;

/// <summary>GET /companies: active companies without a token, oldest first, so that a page stays what it is while others are founded.</summary>
internal static class ListCompanies
{
    /// <param name="Id">The company's id.</param>
    /// <param name="Name">Its name.</param>
    /// <param name="Description">Free text, may be empty.</param>
    /// <param name="Logo">Address or name of its picture; empty when it has none.</param>
    /// <param name="Address">Free text.</param>
    /// <param name="Location">Latitude and longitude in degrees, or null.</param>
    /// <param name="Updated">UTC; its last change.</param>
    internal sealed record CompanyItem(long Id, string Name, string Description, string Logo, string Address, double[]? Location, DateTimeOffset Updated);

    private const string Sql = $"SELECT {CompanyView.Columns} FROM company c WHERE c.active ORDER BY c.id LIMIT $1 OFFSET $2";

    internal static void Map(IEndpointRouteBuilder api) => api.MapGet("/companies", HandleAsync).WithSummary("Active companies without signing in").AllowAnonymous();

    private static async Task<Ok<List<CompanyItem>>> HandleAsync(Page page, NpgsqlDataSource db, CancellationToken ct) =>
        TypedResults.Ok(await db.QueryAsync(Sql, row => Item(CompanyView.Read(row)), ct, page.Limit, page.Offset));

    private static CompanyItem Item(CompanyView company) =>
        new(company.Id, company.Name, company.Description, company.Logo, company.Address, company.Location, company.Updated);
}
