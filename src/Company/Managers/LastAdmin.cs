using BookSaga.Hosting.Data;
using BookSaga.Hosting.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;

namespace BookSaga.Company.Managers;

/// <summary>A company always has an admin. The rule holds against concurrent calls because they come under the company's lock.</summary>
internal static class LastAdmin
{
    private const string Others = $"""
        SELECT FROM manager o
        WHERE o.company_id = m.company_id AND o.id <> m.id AND o.role = '{Roles.Admin}' AND o.user_id IS NOT NULL
        """;

    /// <summary>Whether <c>m</c> is the only admin who stays; neither an invitation that nobody has taken up counts, nor who is leaving the platform.</summary>
    internal const string Sql = $"""
        (m.role = '{Roles.Admin}' AND m.user_id IS NOT NULL AND NOT EXISTS (
            {Others} AND NOT EXISTS (SELECT FROM erased_person e WHERE e.user_id = o.user_id)))
        """;

    /// <summary>The same when who is leaving counts: they may still be refused, and stay.</summary>
    internal const string SqlWithLeaving = $"(m.role = '{Roles.Admin}' AND m.user_id IS NOT NULL AND NOT EXISTS ({Others}))";

    private const string ExistsSql = "SELECT 1 FROM manager WHERE company_id = $1 AND id = $2";

    /// <summary>Why a statement with the rule changed nothing: 404 manager not found, or 409 <c>last_admin</c>.</summary>
    internal static async Task<ProblemHttpResult> WhyUnchangedAsync(NpgsqlConnection connection, long companyId, long managerId, CancellationToken ct)
    {
        await using NpgsqlCommand exists = connection.Sql(ExistsSql, companyId, managerId);
        return await exists.ExecuteScalarAsync(ct) is null
            ? Problems.NotFound("manager not found")
            : Problems.Conflict("the last admin cannot be removed or demoted", "last_admin");
    }
}
