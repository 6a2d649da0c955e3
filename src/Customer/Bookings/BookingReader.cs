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
        // The participants first: what they have recorded by now, the row read after them knows too.
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
        limit.CancelAfter(Patience);
        Task<ClaimDescription?> claim = OrNull(reservations.DescribeAsync(
            new ClaimKey { BookingId = id.ToString(), CustomerId = customer.ToString() }, cancellationToken: limit.Token));
        Task<PaymentDescription?> payment = OrNull(payments.DescribeAsync(
            new BookingKey { BookingId = id.ToString(), CustomerId = customer.ToString() }, cancellationToken: limit.Token));
        await Task.WhenAll(claim, payment);
        Found? found = await db.QueryFirstAsync(
            Sql,
            row => new Found(
                BookingView.Read(row, language),
                row.Nullable<string>(BookingView.ColumnCount) is { } status
                    ? new CancellationFacts(
                        status, row.GetBoolean(BookingView.ColumnCount + 1), row.GetFieldValue<DateTimeOffset>(BookingView.ColumnCount + 2),
                        row.Nullable<DateTimeOffset?>(BookingView.ColumnCount + 3))
                    : null),
            ct, id, customer);
        BookingView? view = found is null ? null : found.View with { Timeline = Timeline.Of(found.View, await claim, await payment, found.Cancellation) };
        return (view, await claim is not null && await payment is not null);
    }

    private static async Task<T?> OrNull<T>(AsyncUnaryCall<T> call)
        where T : class
    {
        try
        {
            return await call;
        }
        catch (RpcException)
        {
            return null;
        }
    }

    private sealed record Found(BookingView View, CancellationFacts? Cancellation);
}
