using BookSaga.Company.Companies;
using BookSaga.Hosting.Auth;
using BookSaga.Hosting.Data;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;

namespace BookSaga.Company.Managers;

/// <summary>
/// Before every company route: invitations for the e-mail address of the caller's verified token become the caller's. So an invitation takes effect with the
/// first call after its address has registered, without anything that the identity provider would have to tell.
/// </summary>
internal sealed class AcceptInvitations(NpgsqlDataSource db, CompanyChanges changes) : IEndpointFilter
{
    // Who is in the company already, under another address, keeps the role given there.
    private const string FindSql = """
        SELECT i.company_id FROM manager i WHERE i.email = $2 AND i.user_id IS NULL
            AND NOT EXISTS (SELECT FROM manager m WHERE m.company_id = i.company_id AND m.user_id = $1)
        ORDER BY i.company_id
        """;

    private const string AcceptSql = """
        UPDATE manager i SET user_id = $2, first_name = $4, last_name = $5 WHERE i.company_id = $1 AND i.email = $3 AND i.user_id IS NULL
            AND NOT EXISTS (SELECT FROM manager m WHERE m.company_id = $1 AND m.user_id = $2)
            AND NOT EXISTS (SELECT FROM erased_person e WHERE e.user_id = $2)
        """;

    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        CancellationToken ct = context.HttpContext.RequestAborted;
        if (Caller.From(context.HttpContext.User) is { Email.Length: > 0 } caller)
        {
            foreach (long companyId in await db.QueryAsync(FindSql, row => row.GetInt64(0), ct, caller.Id, caller.Email))
            {
                await AcceptAsync(companyId, caller, ct);
            }
        }
        return await next(context);
    }

    private async Task AcceptAsync(long companyId, Caller caller, CancellationToken ct) =>
        await changes.InOneCommitAsync<NoContent>(
            async connection =>
            {
                await CompanyChanges.LockAsync(connection, companyId, ct);
                await using NpgsqlCommand accept = connection.Sql(AcceptSql, companyId, caller.Id, caller.Email, caller.FirstName, caller.LastName);
                // None: withdrawn, or taken up by another call of the same person, since it was found.
                if (await accept.ExecuteNonQueryAsync(ct) == 1)
                {
                    await CompanyChanges.RaiseAsync(connection, companyId, ct);
                }
                return TypedResults.NoContent();
            },
            ct);
}
