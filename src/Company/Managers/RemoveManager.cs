using BookSaga.Company.Companies;
using BookSaga.Hosting.Auth;
using BookSaga.Hosting.Data;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;

namespace BookSaga.Company.Managers;

/// <summary>DELETE /company/{id}/managers/{managerId}: an admin removes a manager or withdraws an invitation; 204.</summary>
/// <remarks>404 company not found, manager not found. 403 forbidden. 409 <c>last_admin</c>: nobody else could undo it.</remarks>
internal static class RemoveManager
{
    private const string Sql = $"DELETE FROM manager m WHERE m.company_id = $1 AND m.id = $2 AND NOT {LastAdmin.Sql}";

    internal static void Map(IEndpointRouteBuilder company) => company.MapDelete("/{id:long}/managers/{managerId:long}", HandleAsync).WithSummary("Remove a manager or an invitation");

    private static Task<Results<NoContent, ProblemHttpResult>> HandleAsync(
        long id, long managerId, Caller caller, CompanyChanges changes, CancellationToken ct) =>
        changes.AsAdminAsync<NoContent>(
            id,
            caller,
            async connection =>
            {
                await using NpgsqlCommand delete = connection.Sql(Sql, id, managerId);
                return await delete.ExecuteNonQueryAsync(ct) == 1
                    ? TypedResults.NoContent()
                    : await LastAdmin.WhyUnchangedAsync(connection, id, managerId, ct);
            },
            ct);
}
