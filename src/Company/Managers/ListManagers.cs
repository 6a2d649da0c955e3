using BookSaga.Hosting.Auth;
using BookSaga.Hosting.Data;
using BookSaga.Hosting.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;

namespace BookSaga.Company.Managers;

/// <summary>GET /company/{id}/managers: the company's people and open invitations, oldest first, for its admins.</summary>
/// <remarks>404 company not found. 403 forbidden.</remarks>
internal static class ListManagers
{
    private const string Sql = $"SELECT {ManagerView.Columns} FROM manager m WHERE m.company_id = $1 ORDER BY m.id LIMIT $2 OFFSET $3";

    internal static void Map(IEndpointRouteBuilder company) => company.MapGet("/{id:long}/managers", HandleAsync).WithSummary("Managers and open invitations");

    private static async Task<Results<Ok<List<ManagerView>>, ProblemHttpResult>> HandleAsync(
        long id, Page page, Caller caller, NpgsqlDataSource db, CancellationToken ct) =>
        await Rights.RefusalAsync(db, id, caller, Roles.Admin, ct) is { } refusal
            ? refusal
            : TypedResults.Ok(await db.QueryAsync(Sql, ManagerView.Read, ct, id, page.Limit, page.Offset));
}
