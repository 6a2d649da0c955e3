using BookSaga.Company.Companies;
using BookSaga.Hosting.Auth;
using BookSaga.Hosting.Data;
using BookSaga.Hosting.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;

namespace BookSaga.Company.Managers;

/// <summary>PUT /company/{id}/managers/{managerId}: an admin changes a manager's or an invitation's <c>role</c>.</summary>
/// <remarks>404 company not found, manager not found. 403 forbidden. 400 <c>invalid_role</c>. 409 <c>last_admin</c>: nobody else could undo it.</remarks>
internal static class ChangeRole
{
    internal sealed record Request(string? Role);

    private const string Sql = $"""
        UPDATE manager m SET role = $3
        WHERE m.company_id = $1 AND m.id = $2 AND ($3 = '{Roles.Admin}' OR NOT {LastAdmin.Sql})
        RETURNING {ManagerView.Columns}
        """;

    internal static void Map(IEndpointRouteBuilder company) => company.MapPut("/{id:long}/managers/{managerId:long}", HandleAsync).WithSummary("Change a manager's role");

    private static Task<Results<Ok<ManagerView>, ProblemHttpResult>> HandleAsync(
        long id, long managerId, Request? body, Caller caller, CompanyChanges changes, CancellationToken ct) =>
        changes.AsAdminAsync<Ok<ManagerView>>(
            id,
            caller,
            async connection =>
            {
                if (body?.Role is not { } role || !Roles.IsKnown(role))
                {
                    return Problems.BadRequest("role must be admin or manager", "invalid_role");
                }
                await using NpgsqlCommand update = connection.Sql(Sql, id, managerId, role);
                return (await update.ReadAllAsync(ManagerView.Read, ct)).SingleOrDefault() is { } changed
                    ? TypedResults.Ok(changed)
                    : await LastAdmin.WhyUnchangedAsync(connection, id, managerId, ct);
            },
            ct);
}
