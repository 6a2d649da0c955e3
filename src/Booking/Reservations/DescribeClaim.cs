using BookSaga.Contracts.Booking;
using BookSaga.Hosting.Data;
using Google.Protobuf.WellKnownTypes;
using Npgsql;

namespace BookSaga.Booking.Reservations;

/// <summary>Reservations.Describe: what is recorded of a booking's claim, with times, for its timeline.</summary>
internal static class DescribeClaim
{
    private const string Sql = """
        SELECT outcome, state, reserved_at, closed_at, paid_at, coalesce(reason, '') FROM reservation WHERE booking_id = $1 AND customer_id = $2
        """;

    internal static async Task<ClaimDescription> HandleAsync(ClaimKey key, NpgsqlDataSource db, CancellationToken ct) =>
        await db.QueryFirstAsync(
            Sql,
            row => new ClaimDescription
            {
                Found = true,
                Outcome = row.GetString(0),
                State = row.GetString(1),
                ReservedAt = Time(row.Nullable<DateTimeOffset?>(2)),
                ClosedAt = Time(row.Nullable<DateTimeOffset?>(3)),
                PaidAt = Time(row.Nullable<DateTimeOffset?>(4)),
                Reason = row.GetString(5),
            },
            ct, Guid.Parse(key.BookingId), Guid.Parse(key.CustomerId))
        ?? new ClaimDescription();

    private static Timestamp? Time(DateTimeOffset? time) => time is { } known ? Timestamp.FromDateTimeOffset(known) : null;
}
