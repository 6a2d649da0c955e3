using BookSaga.Company.Managers;
using BookSaga.Hosting.Auth;
using BookSaga.Hosting.Data;
using BookSaga.Hosting.Http;
using BookSaga.Hosting.Idempotency;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;

namespace BookSaga.Company.Companies;

/// <summary>POST /company: anybody who is signed in founds a company, active at once, and becomes its first admin.</summary>
/// <remarks>400: a required field is missing, or one is too long or malformed (see <see cref="CompanyFields"/>).</remarks>
internal static class CreateCompany
{
    // The work may have been done before under this operation id; then neither row is made again.
    private const string Sql = $"""
        WITH c AS (
            INSERT INTO company (operation_id, name, address, phone, description, email, refundable_hours)
            SELECT $1, $2, $3, $4, $5, $6, $7 WHERE NOT EXISTS (SELECT FROM erased_person WHERE user_id = $8)
            ON CONFLICT (operation_id) DO NOTHING
            RETURNING *),
        founder AS (
            INSERT INTO manager (company_id, user_id, email, first_name, last_name, role)
            SELECT c.id, $8, $9, $10, $11, '{Roles.Admin}' FROM c)
        SELECT {CompanyView.Columns} FROM c
        """;

    private const string KnownSql = $"SELECT {CompanyView.Columns} FROM company c WHERE c.operation_id = $1";

    internal static void Map(IEndpointRouteBuilder company) => company.MapPost("", HandleAsync).WithSummary("Create a company and become its admin").WithIdempotencyKey();

    private static async Task<Results<Created<CompanyView>, ProblemHttpResult>> HandleAsync(
        CompanyFields? body, Caller caller, CompanyChanges changes, HttpContext context, CancellationToken ct)
    {
        CompanyFields fields = CompanyFields.Clean(body);
        if (fields.Problem() is { } problem)
        {
            return problem;
        }
        Guid operation = context.OperationId();
        Results<Created<CompanyView>, ProblemHttpResult> result = await changes.InOneCommitAsync<Created<CompanyView>>(
            async connection =>
            {
                CompanyView? created = await InsertAsync(connection, operation, fields, caller, ct);
                return created is null ? Problems.InvalidClaims() : TypedResults.Created($"/api/v1/company/{created.Id}", created);
            },
            ct);
        await changes.ToldAsync(ct);
        return result;
    }

    // Null: the person was deleted a moment ago.
    private static async Task<CompanyView?> InsertAsync(NpgsqlConnection connection, Guid operation, CompanyFields fields, Caller caller, CancellationToken ct)
    {
        await using NpgsqlCommand insert = connection.Sql(
            Sql, operation, fields.Name, fields.Address, fields.Phone, fields.Description, fields.Email,
            fields.RefundableHours ?? CompanyFields.DefaultRefundableHours, caller.Id, caller.Email, caller.FirstName, caller.LastName);
        if ((await insert.ReadAllAsync(CompanyView.Read, ct)).SingleOrDefault() is { } created)
        {
            await CompanyChanges.RaiseAsync(connection, created.Id, ct);
            return created;
        }
        await using NpgsqlCommand known = connection.Sql(KnownSql, operation);
        return (await known.ReadAllAsync(CompanyView.Read, ct)).SingleOrDefault();
    }
}
