using BookSaga.Contracts.Booking;
using BookSaga.Contracts.Payment;
using BookSaga.Hosting.Data;
using Grpc.Core;
using Npgsql;

namespace BookSaga.Customer.Bookings;

/// <summary>
/// One booking with its timeline: what booking and payment have recorded, read from them now, so it is the truth also while the saga
/// runs. A service that does not answer within a second leaves its steps out.
/// </summary>
internal sealed class BookingReader(NpgsqlDataSource db, Reservations.ReservationsClient reservations, Payments.PaymentsClient payments)
{
    private const string Sql = $"""
        SELECT {BookingView.Columns}, c.status, c.by_company, c.created_at, c.finished_at
        FROM booking b LEFT JOIN cancellation c ON c.booking_id = b.id
        WHERE b.id = $1 AND b.customer_id = $2
        """;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    /// <summary>The booking of this customer, or null; and whether every step is in its timeline.</summary>
    internal async Task<(BookingView? View, bool Complete)> ReadAsync(Guid id, Guid customer, string language, CancellationToken ct)
    {
        Found? found = await FindAsync(id, customer, language, ct);
        while (found is not null)
        {
            // In the order in which claims come after payments, and between two looks at a row that says the same: so no step is missing that a later one shows.
            ClaimDescription? claim = await OrNull(limit => reservations.DescribeAsync(new ClaimKey { BookingId = id.ToString(), CustomerId = customer.ToString() }, cancellationToken: limit), ct);
            PaymentDescription? payment = await OrNull(limit => payments.DescribeAsync(new BookingKey { BookingId = id.ToString(), CustomerId = customer.ToString() }, cancellationToken: limit), ct);
            Found? now = await FindAsync(id, customer, language, ct);
            if (now?.State == found.State)
            {
                return (found.View with { Timeline = Timeline.Of(found.View, claim, payment, found.Cancellation) }, claim is not null && payment is not null);
            }
            found = now;
        }
        return (null, false);
    }

    private Task<Found?> FindAsync(Guid id, Guid customer, string language, CancellationToken ct) => db.QueryFirstAsync(
        Sql,
        row => new Found(
            BookingView.Read(row, language),
            row.Nullable<string>(BookingView.ColumnCount) is { } status
                ? new CancellationFacts(
                    status, row.GetBoolean(BookingView.ColumnCount + 1), row.GetFieldValue<DateTimeOffset>(BookingView.ColumnCount + 2),
                    row.Nullable<DateTimeOffset?>(BookingView.ColumnCount + 3))
                : null),
        ct, id, customer);

    private static async Task<T?> OrNull<T>(Func<CancellationToken, AsyncUnaryCall<T>> call, CancellationToken ct)
        where T : class
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
        limit.CancelAfter(Patience);
        try
        {
            return await call(limit.Token);
        }
        catch (RpcException)
        {
            return null;
        }
    }

    private sealed record Found(BookingView View, CancellationFacts? Cancellation)
    {
        /// <summary>What changes when a saga ends or a cancellation begins.</summary>
        internal (string Booking, string? Cancellation) State => (View.Status, Cancellation?.Status);
    }
}
