using System.Data.Common;
using BookSaga.Hosting.Data;
using Microsoft.Extensions.Options;
using Npgsql;
using NpgsqlTypes;

namespace BookSaga.Company.Offers.Weekly;

/// <summary>The rows of batches.</summary>
internal sealed class WeeklyStore(NpgsqlDataSource db, IOptions<WeeklyOptions> options)
{
    private const string Columns = "id, epoch, company_id, created_by, service_id, price_minor, description, locals, times, outcomes";

    // A company's batches of long ago go when it posts a new one.
    private const string StartSql = $"""
        WITH old AS (DELETE FROM weekly_batch WHERE company_id = $2 AND finished_at < now() - interval '30 days')
        INSERT INTO weekly_batch (id, company_id, created_by, service_id, price_minor, description, locals, times, outcomes, next_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, now() + $10) ON CONFLICT (id) DO NOTHING
        RETURNING {Columns}
        """;

    private const string ClaimSql = $"""
        UPDATE weekly_batch SET epoch = epoch + 1, next_at = now() + $1
        WHERE id = ANY (ARRAY(SELECT id FROM weekly_batch WHERE live AND next_at <= now() ORDER BY next_at LIMIT $2 FOR UPDATE SKIP LOCKED))
        RETURNING {Columns}
        """;

    private const string SaveSql = """
        UPDATE weekly_batch SET outcomes = $3, next_at = now() + $4, last_error = NULL, live = strpos($3, '.') > 0, finished_at = CASE WHEN strpos($3, '.') = 0 THEN now() END
        WHERE id = $1 AND epoch = $2 AND live
        """;

    private const string ErrorSql = "UPDATE weekly_batch SET last_error = $3 WHERE id = $1 AND epoch = $2 AND live";

    private const string ReadSql = $"SELECT {Columns}, live FROM weekly_batch WHERE id = $1 AND company_id = $2";

    /// <summary>Records the batch and gives it to the caller to drive; null when it is there already.</summary>
    internal Task<WeeklyBatch?> StartAsync(WeeklyBatch batch, CancellationToken ct) => db.QueryFirstAsync(
        StartSql, Read, ct, batch.Id, batch.CompanyId, batch.CreatedBy, batch.ServiceId, batch.PriceMinor, batch.Description,
        batch.Slots.Select(s => s.Local).ToArray(),
        new NpgsqlParameter { Value = batch.Slots.Select(s => s.At?.UtcDateTime).ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.TimestampTz }, new string(batch.Outcomes), options.Value.Lease);

    /// <summary>Batches that nobody drives.</summary>
    internal Task<List<WeeklyBatch>> ClaimAsync(int limit, CancellationToken ct) => db.QueryAsync(ClaimSql, Read, ct, options.Value.Lease, limit);

    /// <summary>Writes what has become of the slots and keeps the batch for another lease; false when another driver has it by now.</summary>
    internal async Task<bool> SaveAsync(WeeklyBatch batch) =>
        await db.ExecuteAsync(SaveSql, CancellationToken.None, batch.Id, batch.Epoch, new string(batch.Outcomes), options.Value.Lease) == 1;

    /// <summary>Notes why a driver gave up.</summary>
    internal Task FailedAsync(WeeklyBatch batch, string error) => db.ExecuteAsync(ErrorSql, CancellationToken.None, batch.Id, batch.Epoch, error);

    /// <summary>How far a company's batch is, or null.</summary>
    internal Task<WeeklyView?> FindAsync(Guid id, long companyId, CancellationToken ct) => db.QueryFirstAsync(
        ReadSql,
        row =>
        {
            WeeklyBatch batch = Read(row);
            return WeeklyView.Of(batch.Id, row.GetBoolean(10), batch.Slots, batch.Outcomes);
        },
        ct, id, companyId);

    private static WeeklyBatch Read(DbDataReader row) => new(
        row.GetGuid(0), row.GetInt32(1), row.GetInt64(2), row.GetGuid(3), row.GetInt32(4), row.GetInt64(5), row.GetString(6),
        [.. row.GetFieldValue<DateTime[]>(7).Zip(row.GetFieldValue<DateTime?[]>(8), (local, at) => new WeeklySlot(local, at is { } utc ? new DateTimeOffset(local, local - utc) : null))],
        row.GetString(9).ToCharArray());
}
