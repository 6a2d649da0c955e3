using BookSaga.Company.Companies;
using BookSaga.Hosting.Accounts;
using BookSaga.Hosting.Auth;
using BookSaga.Hosting.Data;
using BookSaga.Hosting.Http;
using BookSaga.Hosting.Idempotency;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;

namespace BookSaga.Company.Managers;

/// <summary>
/// POST /company/{id}/managers: an admin invites an e-mail address as <c>manager</c> (default) or <c>admin</c>. It takes effect at once when the address
/// has an account, else as <see cref="AcceptInvitations"/> says.
/// </summary>
/// <remarks>404 company not found. 403 forbidden. 400 email is required, <c>invalid_email</c>, <c>invalid_role</c>. 409 <c>already_invited</c>.</remarks>
internal static class InviteManager
{
    internal sealed record Request(string? Email, string? Role);

    // Somebody who is leaving is no manager: it stays an invitation of the address.
    private const string Sql = $"""
        INSERT INTO manager AS m (company_id, email, role, operation_id, user_id, first_name, last_name)
        SELECT $1, $2, $3, $7, u.id, coalesce(u.first_name, ''), coalesce(u.last_name, '')
        FROM (SELECT) one LEFT JOIN (SELECT $4::uuid AS id, $5 AS first_name, $6 AS last_name) u ON NOT EXISTS (SELECT FROM erased_person e WHERE e.user_id = u.id)
        ON CONFLICT DO NOTHING RETURNING {ManagerView.Columns}
        """;

    // A repeat finds what was made before.
    private const string KnownSql = $"SELECT {ManagerView.Columns} FROM manager m WHERE m.operation_id = $1";

    internal static void Map(IEndpointRouteBuilder company) => company.MapPost("/{id:long}/managers", HandleAsync).WithSummary("Invite a manager by e-mail").WithIdempotencyKey();

    private static async Task<Results<Created<ManagerView>, ProblemHttpResult>> HandleAsync(
        long id, Request? body, Caller caller, HttpContext context, NpgsqlDataSource db, UserDirectory users, CompanyChanges changes, CancellationToken ct)
    {
        // Checked again under the lock; here it keeps strangers from asking the directory.
        if (await Rights.RefusalAsync(db, id, caller, Roles.Admin, ct) is { } refusal)
        {
            return refusal;
        }
        string email = Text.Clean(body?.Email).ToLowerInvariant();
        string role = body?.Role ?? Roles.Manager;
        if (Problem(email, role) is { } problem)
        {
            return problem;
        }
        Guid operation = context.OperationId();
        if (await db.QueryFirstAsync(KnownSql, ManagerView.Read, ct, operation) is { } known)
        {
            return Created(id, known);
        }
        DirectoryEntry? user = await users.FindByEmailAsync(email, ct);
        return await changes.AsAdminAsync<Created<ManagerView>>(
            id,
            caller,
            async connection =>
            {
                await using NpgsqlCommand insert = connection.Sql(Sql, id, email, role, user?.Id, user?.FirstName ?? "", user?.LastName ?? "", operation);
                return (await insert.ReadAllAsync(ManagerView.Read, ct)).SingleOrDefault() is { } invited
                    ? Created(id, invited)
                    : Problems.Conflict("already a manager or invited", "already_invited");
            },
            ct);
    }

    private static Created<ManagerView> Created(long company, ManagerView manager) => TypedResults.Created($"/api/v1/company/{company}/managers", manager);

    private static ProblemHttpResult? Problem(string email, string role) =>
        email.Length == 0 ? Problems.BadRequest("email is required")
        : !Text.IsEmail(email) ? Problems.BadRequest("email is not a mail address", "invalid_email")
        : Roles.IsKnown(role) ? null : Problems.BadRequest("role must be admin or manager", "invalid_role");
}
