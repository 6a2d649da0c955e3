using System.Data.Common;
using BookSaga.Company.Managers;
using BookSaga.Contracts;
using BookSaga.Hosting.Auth;
using BookSaga.Hosting.Data;
using BookSaga.Hosting.Events;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;

namespace BookSaga.Company.Companies;

/// <summary>
/// Every change of a company or of its managers: under the company's row lock, and in one commit with a higher version and the
/// event that tells booking. So changes of one company queue, and no rule is decided on what another change is about to alter.
/// </summary>
internal sealed class CompanyChanges(NpgsqlDataSource db, Outbox outbox)
{
    /// <summary>The service that hears of changes.</summary>
    internal const string Destination = "booking";

    private static readonly TimeSpan DeliveryWait = TimeSpan.FromSeconds(2);

    private const string LockSql = "SELECT 1 FROM company WHERE id = $1 FOR UPDATE";

    // An invitation that nobody has taken up gets no mail.
    private const string EventColumns = """
        c.id, c.version, c.name, c.address, c.phone, nullif(c.email, ''), c.lat, c.lng, c.active, c.refundable_hours,
        ARRAY(SELECT m.email FROM manager m WHERE m.company_id = c.id AND m.user_id IS NOT NULL AND m.email <> '' ORDER BY m.id)
        """;

    private const string SnapshotSql = $"SELECT {EventColumns} FROM company c WHERE c.id = $1";

    private const string RaiseSql = $"UPDATE company c SET version = c.version + 1 WHERE c.id = $1 RETURNING {EventColumns}";

    private const string RecordSql = "INSERT INTO outbox (destination, type, payload) VALUES ($1, $2, $3::json)";

    /// <summary>The company as other services are told of it, now.</summary>
    internal Task<CompanyChanged?> SnapshotAsync(long companyId, CancellationToken ct) =>
        db.QueryFirstAsync(SnapshotSql, ReadEvent, ct, companyId);

    /// <summary>Waits, not for long, until booking has heard of all changes so far: the answer is then the truth for its readers as well.</summary>
    internal Task<bool> ToldAsync(CancellationToken ct) => outbox.DeliveredAsync(Destination, DeliveryWait, ct);

    /// <summary>
    /// Runs <paramref name="sql"/>, an UPDATE of the company <c>$1</c> returning <see cref="CompanyView.Columns"/>, for an admin;
    /// or answers <paramref name="problem"/>, which only an admin gets to see.
    /// </summary>
    internal Task<Results<Ok<CompanyView>, ProblemHttpResult>> UpdateAsync(
        long companyId, Caller caller, ProblemHttpResult? problem, string sql, CancellationToken ct, params object?[] args) =>
        AsAdminAsync<Ok<CompanyView>>(
            companyId,
            caller,
            async connection =>
            {
                if (problem is not null)
                {
                    return problem;
                }
                await using NpgsqlCommand update = connection.Sql(sql, [companyId, .. args]);
                return TypedResults.Ok((await update.ReadAllAsync(CompanyView.Read, ct)).Single());
            },
            ct);

    /// <summary>Runs <paramref name="change"/> for an admin of the company; a problem that it returns undoes it. 404 company not found, 403 forbidden.</summary>
    internal Task<Results<TOk, ProblemHttpResult>> AsAdminAsync<TOk>(
        long companyId, Caller caller, Func<NpgsqlConnection, Task<Results<TOk, ProblemHttpResult>>> change, CancellationToken ct)
        where TOk : IResult =>
        InOneCommitAsync(
            async connection =>
            {
                await LockAsync(connection, companyId, ct);
                if (await Rights.RefusalAsync(connection, companyId, caller, Roles.Admin, ct) is { } refusal)
                {
                    return refusal;
                }
                Results<TOk, ProblemHttpResult> result = await change(connection);
                if (result.Result is TOk)
                {
                    await RaiseAsync(connection, companyId, ct);
                }
                return result;
            },
            ct);

    /// <summary>Runs <paramref name="change"/> of a company, whoever asks.</summary>
    internal async Task ChangeAsync(long companyId, Func<NpgsqlConnection, Task> change, CancellationToken ct)
    {
        await using NpgsqlConnection connection = await db.OpenConnectionAsync(ct);
        await using NpgsqlTransaction transaction = await connection.BeginTransactionAsync(ct);
        await LockAsync(connection, companyId, ct);
        await change(connection);
        await RaiseAsync(connection, companyId, ct);
        await transaction.CommitAsync(ct);
        outbox.Signal(Destination);
    }

    /// <summary>Runs <paramref name="work"/> in one transaction, commits unless it returns a problem, and wakes the relay.</summary>
    internal async Task<Results<TOk, ProblemHttpResult>> InOneCommitAsync<TOk>(Func<NpgsqlConnection, Task<Results<TOk, ProblemHttpResult>>> work, CancellationToken ct)
        where TOk : IResult
    {
        await using NpgsqlConnection connection = await db.OpenConnectionAsync(ct);
        await using NpgsqlTransaction transaction = await connection.BeginTransactionAsync(ct);
        Results<TOk, ProblemHttpResult> result = await work(connection);
        if (result.Result is TOk)
        {
            await transaction.CommitAsync(ct);
            outbox.Signal(Destination);
        }
        return result;
    }

    /// <summary>Waits for the company's row; statements after it see what the change before left.</summary>
    internal static async Task LockAsync(NpgsqlConnection connection, long companyId, CancellationToken ct)
    {
        await using NpgsqlCommand command = connection.Sql(LockSql, companyId);
        await command.ExecuteNonQueryAsync(ct);
    }

    /// <summary>Raises the version and records the event, in the caller's transaction.</summary>
    internal static async Task RaiseAsync(NpgsqlConnection connection, long companyId, CancellationToken ct)
    {
        await using NpgsqlCommand raise = connection.Sql(RaiseSql, companyId);
        CompanyChanged changed = (await raise.ReadAllAsync(ReadEvent, ct)).Single();
        await using NpgsqlCommand record = connection.Sql(RecordSql, Destination, EventTypes.CompanyChanged, Json.Write(changed));
        await record.ExecuteNonQueryAsync(ct);
    }

    private static CompanyChanged ReadEvent(DbDataReader row) => new(
        row.GetInt64(0), row.GetInt64(1), row.GetString(2), row.GetString(3), row.GetString(4), row.Nullable<string>(5),
        row.Nullable<double?>(6) is { } lat ? [lat, row.GetDouble(7)] : null,
        row.GetBoolean(8), row.GetInt32(9), row.GetFieldValue<string[]>(10));
}
