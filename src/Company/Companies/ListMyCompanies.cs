using BookSaga.Hosting.Auth;
using BookSaga.Hosting.Data;
using BookSaga.Hosting.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;

namespace BookSaga.Company.Companies;

/// <summary>GET /company/my: the companies that the caller manages, each with the caller's <c>role</c>, oldest first.</summary>
internal static class ListMyCompanies
{
    private const string Sql = $"""
        SELECT {CompanyView.Columns}, m.role FROM company c JOIN manager m ON m.company_id = c.id
        WHERE m.user_id = $1 ORDER BY c.id LIMIT $2 OFFSET $3
        """;

    internal static void Map(IEndpointRouteBuilder company) => company.MapGet("/my", HandleAsync).WithSummary("Companies that I manage");

    private static async Task<Ok<List<CompanyView>>> HandleAsync(Page page, Caller caller, NpgsqlDataSource db, CancellationToken ct) =>
        TypedResults.Ok(await db.QueryAsync(Sql, row => CompanyView.Read(row) with { Role = row.GetString(13) }, ct, caller.Id, page.Limit, page.Offset));
}
