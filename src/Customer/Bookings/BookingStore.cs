using System.Data.Common;
using BookSaga.Contracts;
using BookSaga.Customer.Sagas;
using BookSaga.Hosting;
using BookSaga.Hosting.Auth;
using BookSaga.Hosting.Data;
using BookSaga.Hosting.Events;
using Microsoft.Extensions.Options;
using Npgsql;
using NpgsqlTypes;

namespace BookSaga.Customer.Bookings;

/// <summary>The rows of bookings: their first and last commits, shared by those that begin or end at once, and the claims of the sweep.</summary>
internal sealed class BookingStore : ISagaRows<BookOffer>
{
    // The profile's words go before the token's; the starter holds the lease from the first moment.
    private const string InsertSql = """
        INSERT INTO booking (id, customer_id, offer_id, customer, next_at, deadline)
        SELECT i.id, i.customer_id, i.offer_id,
               jsonb_strip_nulls(jsonb_build_object(
                   'id', i.customer_id, 'first_name', coalesce(p.first_name, i.first_name), 'last_name', coalesce(p.last_name, i.last_name),
                   'email', i.email, 'locale', p.locale, 'time_zone', p.time_zone)),
               now() + $7, now() + $8
        FROM unnest($1, $2, $3, $4, $5, $6) AS i (id, customer_id, offer_id, first_name, last_name, email)
        LEFT JOIN profile p ON p.id = i.customer_id
        ON CONFLICT (id) DO NOTHING
        """;

    // Guarded by the epoch: a driver that lost its lease changes nothing. The event is in the same commit as the outcome.
    private const string FinishSql = """
        WITH ended AS (
            UPDATE booking b
            SET live = false, status = i.status, reason = i.reason, price_minor = i.price_minor, snapshot = i.snapshot,
                refundable_until = i.refundable_until, finished_at = now(), last_error = NULL
            FROM unnest($1, $2, $3, $4, $5, $6, $7) AS i (id, epoch, status, reason, price_minor, snapshot, refundable_until)
            WHERE b.id = i.id AND b.epoch = i.epoch AND b.live
            RETURNING b.id, b.epoch
        ), told AS (
            INSERT INTO outbox (destination, type, payload)
            SELECT 'notification', e.type, e.payload FROM unnest($1, $2, $8, $9) AS e (id, epoch, type, payload) JOIN ended USING (id, epoch)
        )
        SELECT id, epoch FROM ended
        """;

    private const string TakeDueSql = $"""
        UPDATE booking SET epoch = epoch + 1, attempts = attempts + 1, next_at = now() + {SagaOptions.PauseSql}
        WHERE id = ANY (ARRAY(SELECT id FROM booking WHERE live AND next_at <= now() ORDER BY next_at LIMIT $1 FOR UPDATE SKIP LOCKED))
        """;

    private const string LiveSql = $"SELECT {Columns} FROM booking WHERE id = $1 AND live";

    // Read as a length of time, so that the deadline is kept by one clock though the database has another.
    private const string Columns = "id, epoch, deadline - now(), customer_id, offer_id, customer::text, created_at";

    private const string RecordErrorSql = "UPDATE booking SET last_error = $3, last_step = $4 WHERE id = $1 AND epoch = $2 AND live";

    private readonly NpgsqlDataSource _db;
    private readonly Outbox _outbox;
    private readonly SagaOptions _options;
    private readonly TimeProvider _time;
    private readonly string _startSql;
    private readonly string _claimDueSql;
    private readonly Batcher<NewBooking, BookOffer?> _start;
    private readonly Batcher<EndedBooking, bool> _finish;

    public BookingStore(NpgsqlDataSource db, Outbox outbox, IOptions<SagaOptions> options, TimeProvider time)
    {
        _db = db;
        _outbox = outbox;
        _options = options.Value;
        _time = time;
        bool choreographed = _options.Mode == SagaMode.Choreography;
        _startSql = Begin(InsertSql, choreographed);
        _claimDueSql = Begin(TakeDueSql, choreographed);
        _start = new(StartAsync, isolate: static e => e is PostgresException);
        _finish = new(FinishAsync, isolate: static e => e is PostgresException);
    }

    /// <summary>Records the booking as pending and gives it to the caller to drive; null when the id is there already.</summary>
    internal Task<BookOffer?> StartAsync(Guid id, Caller customer, long offerId) => _start.RunAsync(new NewBooking(id, customer, offerId));

    /// <summary>The booking if it is live, as its last driver had it.</summary>
    internal Task<BookOffer?> LiveAsync(Guid id) => _db.QueryFirstAsync(LiveSql, Read, CancellationToken.None, id);

    /// <inheritdoc />
    public async Task<bool> FinishAsync(BookOffer saga, SagaEnd end)
    {
        bool finished = await _finish.RunAsync(EndedBooking.From(saga, end, _time.GetUtcNow()));
        _outbox.Signal();
        return finished;
    }

    /// <inheritdoc />
    public async Task<List<BookOffer>> ClaimDueAsync(int limit, CancellationToken ct)
    {
        List<BookOffer> due = await _db.QueryAsync(_claimDueSql, Read, ct, limit, _options.Lease, _options.StuckAfterAttempts);
        _outbox.Signal();
        return due;
    }

    /// <inheritdoc />
    public Task RecordErrorAsync(BookOffer saga, string? step, string error) => _db.ExecuteAsync(RecordErrorSql, CancellationToken.None, saga.Id, saga.Epoch, error, step);

    private async Task<IReadOnlyList<BookOffer?>> StartAsync(IReadOnlyList<NewBooking> items)
    {
        List<BookOffer> started = await _db.QueryAsync(
            _startSql, Read, CancellationToken.None,
            items.Select(i => i.Id).ToArray(),
            items.Select(i => i.Customer.Id).ToArray(),
            items.Select(i => i.OfferId).ToArray(),
            items.Select(i => i.Customer.FirstName).ToArray(),
            items.Select(i => i.Customer.LastName).ToArray(),
            items.Select(i => i.Customer.Email).ToArray(),
            _options.Lease, _options.Deadline);
        _outbox.Signal();
        var byId = started.ToDictionary(s => s.Id);
        // The same id twice in one batch: one of the two drives it.
        return [.. items.Select(i => byId.Remove(i.Id, out BookOffer? saga) ? saga : null)];
    }

    private async Task<IReadOnlyList<bool>> FinishAsync(IReadOnlyList<EndedBooking> all)
    {
        // The same end twice in one batch, as by a repeated event: one of the two is told.
        EndedBooking[] items = [.. all.DistinctBy(i => (i.Saga.Id, i.Saga.Epoch))];
        List<(Guid, int)> ended = await _db.QueryAsync(
            FinishSql, row => (row.GetGuid(0), row.GetInt32(1)), CancellationToken.None,
            items.Select(i => i.Saga.Id).ToArray(),
            items.Select(i => i.Saga.Epoch).ToArray(),
            items.Select(i => i.Status).ToArray(),
            items.Select(i => i.Event.Reason).ToArray(),
            items.Select(i => i.Snapshot is null ? (long?)null : i.Event.PriceMinor).ToArray(),
            new NpgsqlParameter { Value = items.Select(i => i.Snapshot).ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Jsonb },
            items.Select(i => i.RefundableUntil).ToArray(),
            items.Select(i => i.EventType).ToArray(),
            new NpgsqlParameter { Value = items.Select(i => Json.Write(i.Event)).ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Jsonb });
        return [.. all.Select(i => ended.Remove((i.Saga.Id, i.Saga.Epoch)))];
    }

    // Choreographed, a saga that begins or is found waiting is asked for by event, in the same commit; a repeat gets the recorded outcomes.
    private static string Begin(string sql, bool choreographed) => choreographed
        ? $"""
            WITH begun AS ({sql} RETURNING *), asked AS (
                INSERT INTO outbox (destination, type, payload)
                SELECT 'booking', '{EventTypes.BookingRequested}', jsonb_build_object('booking_id', id, 'offer_id', offer_id, 'customer', customer)
                FROM begun WHERE deadline > now()
            )
            SELECT {Columns} FROM begun
            """
        : $"{sql} RETURNING {Columns}";

    private BookOffer Read(DbDataReader row) =>
        new(row.GetGuid(0), row.GetInt32(1), _time.GetUtcNow() + row.GetFieldValue<TimeSpan>(2), row.GetGuid(3), row.GetInt64(4), row.GetString(5)) { CreatedAt = row.GetFieldValue<DateTimeOffset>(6) };

    private sealed record NewBooking(Guid Id, Caller Customer, long OfferId);

    private sealed record EndedBooking(BookOffer Saga, string Status, string EventType, string? Snapshot, DateTimeOffset? RefundableUntil, BookingFinished Event)
    {
        internal static EndedBooking From(BookOffer saga, SagaEnd end, DateTimeOffset now)
        {
            OfferSnapshot? snapshot = saga.Held is { } held ? Json.Read<OfferSnapshot>(held.SnapshotJson) : null;
            bool paid = end.FailedReason is null;
            return new EndedBooking(
                saga,
                paid ? "paid" : "failed",
                paid ? EventTypes.BookingPaid : EventTypes.BookingFailed,
                saga.Held?.SnapshotJson,
                snapshot?.Offer.Datetime.AddHours(-snapshot.Company.RefundableHours),
                new BookingFinished(
                    saga.Id, saga.OfferId, Json.Read<BookingCustomer>(saga.CustomerJson), snapshot,
                    saga.Held?.PriceMinor ?? 0, end.FailedReason, null, 0, now));
        }
    }
}
