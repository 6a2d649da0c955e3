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
    /// <summary>Whom the outbox goes to: who tells of a booking's end, and who begins a choreographed one.</summary>
    internal const string Notification = "notification";

    /// <inheritdoc cref="Notification" />
    internal const string Booking = "booking";

    private const string BeginSql = $"SELECT {Columns} FROM begin_bookings($1, $2, $3, $4, $5, $6, $7, $8, $9)";

    private const string FinishSql = "SELECT id, epoch, finished_at FROM finish_bookings($1, $2, $3, $4, $5, $6, $7, $8, $9)";

    private const string TakeDueSql = $"""
        UPDATE booking SET epoch = epoch + 1, attempts = attempts + 1, next_at = now() + {SagaOptions.PauseSql}
        WHERE id = ANY (ARRAY(SELECT id FROM booking WHERE live AND next_at <= now() ORDER BY next_at LIMIT $1 FOR UPDATE SKIP LOCKED))
        """;

    // Choreographed, a saga that is found waiting is asked for by event, in the same commit; a repeat gets the recorded outcomes.
    private const string AskedAgainSql = $"""
        WITH due AS ({TakeDueSql} RETURNING *), asked AS (
            INSERT INTO outbox (destination, type, payload)
            SELECT '{Booking}', '{EventTypes.BookingRequested}', json_build_object('booking_id', id, 'offer_id', offer_id, 'customer', customer)
            FROM due WHERE deadline > now()
        )
        SELECT {Columns} FROM due
        """;

    private const string UntilDueSql = "SELECT min(next_at) - now() FROM booking WHERE live";

    private const string LiveSql = $"SELECT {Columns} FROM booking WHERE id = ANY ($1) AND live";

    // Read as a length of time, so that the deadline is kept by one clock though the database has another.
    private const string Columns = "id, epoch, deadline - now(), customer_id, offer_id, customer::text, created_at";

    private const string RecordErrorSql = "UPDATE booking SET last_error = $3, last_step = $4 WHERE id = $1 AND epoch = $2 AND live";

    private readonly NpgsqlDataSource _db;
    private readonly StepConnections _steps;
    private readonly Outbox _outbox;
    private readonly SagaOptions _options;
    private readonly TimeProvider _time;
    private readonly string _claimDueSql;
    private readonly string? _askedAs;
    private readonly Batcher<NewBooking, BookOffer?> _start;
    private readonly Batcher<EndedBooking, BookingEnd?> _finish;
    private readonly Batcher<Guid, BookOffer?> _live;

    public BookingStore(NpgsqlDataSource db, StepConnections steps, Outbox outbox, Turns turns, IOptions<SagaOptions> options, TimeProvider time)
    {
        _db = db;
        _steps = steps;
        _outbox = outbox;
        _options = options.Value;
        _time = time;
        bool choreographed = _options.Mode == SagaMode.Choreography;
        _claimDueSql = choreographed ? AskedAgainSql : $"{TakeDueSql} RETURNING {Columns}";
        _askedAs = choreographed ? EventTypes.BookingRequested : null;
        _start = new(StartAsync, isolate: static e => e is PostgresException, turns: turns);
        _finish = new(FinishAsync, isolate: static e => e is PostgresException, turns: turns);
        _live = new(LiveAsync);
    }

    /// <summary>Records the booking as pending and gives it to the caller to drive; null when the id is there already.</summary>
    internal Task<BookOffer?> StartAsync(Guid id, Caller customer, long offerId) => _start.RunAsync(new NewBooking(id, customer, offerId));

    /// <summary>The booking if it is live, as its last driver had it.</summary>
    internal Task<BookOffer?> LiveAsync(Guid id) => _live.RunAsync(id);

    /// <inheritdoc />
    public async Task<bool> FinishAsync(BookOffer saga, SagaEnd end)
    {
        BookingEnd? ended = await _finish.RunAsync(new EndedBooking(saga, end));
        _outbox.Signal(Notification);
        saga.Ended ??= ended; // a repeat does not undo it
        return ended is not null;
    }

    /// <inheritdoc />
    public async Task<List<BookOffer>> ClaimDueAsync(int limit, CancellationToken ct)
    {
        List<BookOffer> due = await _db.QueryAsync(_claimDueSql, Read, ct, limit, _options.Lease, _options.StuckAfterAttempts);
        if (due.Count > 0)
        {
            _outbox.Signal(Booking);
        }
        return due;
    }

    /// <inheritdoc />
    public Task<TimeSpan?> UntilDueAsync(CancellationToken ct) => _db.QueryFirstAsync(UntilDueSql, row => row.Nullable<TimeSpan?>(0), ct);

    /// <inheritdoc />
    public Task RecordErrorAsync(BookOffer saga, string? step, string error) => _db.ExecuteAsync(RecordErrorSql, CancellationToken.None, saga.Id, saga.Epoch, error, step);

    private async Task<IReadOnlyList<BookOffer?>> StartAsync(IReadOnlyList<NewBooking> items)
    {
        List<BookOffer> started = await _steps.StepAsync(
            BeginSql, Read,
            items.Select(i => i.Id).ToArray(),
            items.Select(i => i.Customer.Id).ToArray(),
            items.Select(i => i.OfferId).ToArray(),
            items.Select(i => i.Customer.FirstName).ToArray(),
            items.Select(i => i.Customer.LastName).ToArray(),
            items.Select(i => i.Customer.Email).ToArray(),
            _options.Lease, _options.Deadline, Text(_askedAs));
        if (_askedAs is not null)
        {
            _outbox.Signal(Booking);
        }
        var byId = started.ToDictionary(s => s.Id);
        // The same id twice in one batch: one of the two drives it.
        return [.. items.Select(i => byId.Remove(i.Id, out BookOffer? saga) ? saga : null)];
    }

    private async Task<IReadOnlyList<BookingEnd?>> FinishAsync(IReadOnlyList<EndedBooking> all)
    {
        // The same end twice in one batch, as by a repeated event: one of the two is told.
        EndedBooking[] items = [.. all.DistinctBy(i => (i.Saga.Id, i.Saga.Epoch))];
        var ended = (await _steps.StepAsync(
            FinishSql, row => (Key: (row.GetGuid(0), row.GetInt32(1)), At: row.GetFieldValue<DateTimeOffset>(2)),
            items.Select(i => i.Saga.Id).ToArray(),
            items.Select(i => i.Saga.Epoch).ToArray(),
            items.Select(i => i.End.FailedReason).ToArray(),
            items.Select(i => i.Saga.Held?.PriceMinor).ToArray(),
            items.Select(i => i.Saga.Held?.CompanyId).ToArray(),
            new NpgsqlParameter { Value = items.Select(i => i.Saga.Held?.SnapshotJson).ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Json },
            items.Select(i => i.Saga.RefundableUntil).ToArray(),
            EventTypes.BookingPaid, EventTypes.BookingFailed)).ToDictionary(e => e.Key, e => e.At);
        return [.. all.Select(i => ended.Remove((i.Saga.Id, i.Saga.Epoch), out DateTimeOffset at) ? new BookingEnd(i.End.FailedReason, at) : null)];
    }

    private async Task<IReadOnlyList<BookOffer?>> LiveAsync(IReadOnlyList<Guid> ids)
    {
        var live = (await _steps.StepAsync(LiveSql, Read, ids.Distinct().ToArray())).ToDictionary(saga => saga.Id);
        return [.. ids.Select(live.GetValueOrDefault)];
    }

    private static NpgsqlParameter Text(string? value) => new() { Value = value ?? (object)DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text };

    private BookOffer Read(DbDataReader row) =>
        new(row.GetGuid(0), row.GetInt32(1), _time.GetUtcNow() + row.GetFieldValue<TimeSpan>(2), row.GetGuid(3), row.GetInt64(4), row.GetString(5)) { CreatedAt = row.GetFieldValue<DateTimeOffset>(6) };

    private sealed record NewBooking(Guid Id, Caller Customer, long OfferId);

    private sealed record EndedBooking(BookOffer Saga, SagaEnd End);
}
