using BookSaga.Hosting.Auth;
using BookSaga.Hosting.Data;
using BookSaga.Hosting.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;

namespace BookSaga.Company.Managers;

/// <summary>What a manager may be.</summary>
internal static class Roles
{
    /// <summary>May do everything.</summary>
    internal const string Admin = "admin";

    /// <summary>May work with offers and see the money.</summary>
    internal const string Manager = "manager";

    internal static bool IsKnown(string role) => role is Admin or Manager;
}

/// <summary>Rights come from the manager table by the token's <c>sub</c> alone, never from the token's roles.</summary>
internal static class Rights
{
    // No row: no such company. A null: nobody of this company.
    private const string Sql = """
        SELECT (SELECT m.role FROM manager m WHERE m.company_id = c.id AND m.user_id = $2) FROM company c WHERE c.id = $1
        """;

    /// <summary>Why <paramref name="caller"/> may not act as <paramref name="needed"/>, or null: 404 company not found, 403 forbidden.</summary>
    internal static async Task<ProblemHttpResult?> RefusalAsync(NpgsqlDataSource db, long companyId, Caller caller, string needed, CancellationToken ct)
    {
        await using NpgsqlConnection connection = await db.OpenConnectionAsync(ct);
        return await RefusalAsync(connection, companyId, caller, needed, ct);
    }

    /// <summary>The same inside a transaction.</summary>
    internal static async Task<ProblemHttpResult?> RefusalAsync(NpgsqlConnection connection, long companyId, Caller caller, string needed, CancellationToken ct)
    {
        await using NpgsqlCommand query = connection.Sql(Sql, companyId, caller.Id);
        return await query.ReadAllAsync(row => row.Nullable<string>(0), ct) switch
        {
            [] => Problems.NotFound("company not found"),
            [Roles.Admin] => null,
            [{ } role] when role == needed => null,
            _ => Problems.Forbidden(),
        };
    }
}
