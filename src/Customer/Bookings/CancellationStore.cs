using System.Data.Common;
using BookSaga.Contracts;
using BookSaga.Customer.Sagas;
using BookSaga.Hosting.Data;
using BookSaga.Hosting.Events;
using Microsoft.Extensions.Options;
using Npgsql;
using NpgsqlTypes;

namespace BookSaga.Customer.Bookings;

/// <summary>The rows of cancellations. The last commit ends the booking as well and has the event.</summary>
internal sealed class CancellationStore(NpgsqlDataSource db, Outbox outbox, IOptions<SagaOptions> options, TimeProvider time) : ISagaRows<CancelBooking>
{
    private const string Columns = """
        c.booking_id, c.epoch, c.deadline, b.customer_id, b.offer_id, b.price_minor, c.by_company, c.refund, c.note, b.customer::text, b.snapshot::text, c.created_at, c.manager_id
        """;

    // Refund policy: by the company always in full; by the customer in full until refundable_until, nothing later.
    private const string StartSql = $"""
        WITH c AS (
            INSERT INTO cancellation (booking_id, by_company, note, manager_id, refund, next_at)
            SELECT id, $2, $3, $4::uuid, $2 OR now() <= refundable_until, now() + $5 FROM booking WHERE id = $1 AND status = 'paid'
            ON CONFLICT (booking_id) DO NOTHING
            RETURNING *
        )
        SELECT {Columns} FROM c JOIN booking b ON b.id = c.booking_id
        """;

    private const string ClaimDueSql = $"""
        WITH c AS (
            UPDATE cancellation SET epoch = epoch + 1, attempts = attempts + 1, next_at = now() + {SagaOptions.PauseSql}
            WHERE booking_id = ANY (ARRAY(SELECT booking_id FROM cancellation WHERE live AND next_at <= now() ORDER BY next_at LIMIT $1 FOR UPDATE SKIP LOCKED))
            RETURNING *
        )
        SELECT {Columns} FROM c JOIN booking b ON b.id = c.booking_id
        """;

    private const string UntilDueSql = "SELECT min(next_at) - now() FROM cancellation WHERE live";

    private const string FinishSql = """
        WITH ended AS (
            UPDATE cancellation SET live = false, status = $3, reason = $4, finished_at = now(), last_error = NULL
            WHERE booking_id = $1 AND epoch = $2 AND live
            RETURNING booking_id
        ), cancelled AS (
            UPDATE booking SET status = 'cancelled', reason = $5 WHERE id = (SELECT booking_id FROM ended) AND $3 = 'cancelled' RETURNING id
        ), told AS (
            INSERT INTO outbox (destination, type, payload) SELECT 'notification', $6, $7 FROM cancelled
        )
        SELECT count(*) FROM ended
        """;

    private const string RecordErrorSql = "UPDATE cancellation SET last_error = $3, last_step = $4 WHERE booking_id = $1 AND epoch = $2 AND live";

    /// <summary>Records the cancellation of a paid booking and gives it to the caller to drive; null when it is not paid or one is there already.</summary>
    internal Task<CancelBooking?> StartAsync(Guid booking, bool byCompany, string note, Guid? manager, CancellationToken ct) =>
        db.QueryFirstAsync(StartSql, Read, ct, booking, byCompany, note, manager, options.Value.Lease);

    /// <inheritdoc />
    public async Task<bool> FinishAsync(CancelBooking saga, SagaEnd end)
    {
        bool cancelled = end.FailedReason is null;
        var told = new BookingFinished(
            saga.Id, saga.OfferId, Json.Read<BookingCustomer>(saga.CustomerJson), Json.Read<OfferSnapshot>(saga.SnapshotJson), saga.PriceMinor,
            saga.Note, saga.ByCompany ? "company" : "customer", saga.Refund ? saga.PriceMinor : 0, time.GetUtcNow());
        long ended = await db.QueryFirstAsync(
            FinishSql, row => row.GetInt64(0), CancellationToken.None,
            saga.Id, saga.Epoch, cancelled ? "cancelled" : "refused",
            new NpgsqlParameter { Value = (object?)end.FailedReason ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text },
            saga.ByCompany ? "canceled_by_company" : "canceled_by_customer",
            EventTypes.BookingCancelled,
            new NpgsqlParameter { Value = Json.Write(told), NpgsqlDbType = NpgsqlDbType.Jsonb });
        outbox.Signal(BookingStore.Notification);
        return ended == 1;
    }

    /// <inheritdoc />
    public Task<List<CancelBooking>> ClaimDueAsync(int limit, CancellationToken ct) =>
        db.QueryAsync(ClaimDueSql, Read, ct, limit, options.Value.Lease, options.Value.StuckAfterAttempts);

    /// <inheritdoc />
    public Task<TimeSpan?> UntilDueAsync(CancellationToken ct) => db.QueryFirstAsync(UntilDueSql, row => row.Nullable<TimeSpan?>(0), ct);

    /// <inheritdoc />
    public Task RecordErrorAsync(CancelBooking saga, string? step, string error) =>
        db.ExecuteAsync(RecordErrorSql, CancellationToken.None, saga.Id, saga.Epoch, error, step);

    private static CancelBooking Read(DbDataReader row) => new(row.GetGuid(0), row.GetInt32(1), row.GetFieldValue<DateTimeOffset>(2))
    {
        CustomerId = row.GetGuid(3),
        OfferId = row.GetInt64(4),
        PriceMinor = row.GetInt64(5),
        ByCompany = row.GetBoolean(6),
        Refund = row.GetBoolean(7),
        Note = row.GetString(8),
        CustomerJson = row.GetString(9),
        SnapshotJson = row.GetString(10),
        CreatedAt = row.GetFieldValue<DateTimeOffset>(11),
        ManagerId = row.Nullable<Guid?>(12),
    };
}
