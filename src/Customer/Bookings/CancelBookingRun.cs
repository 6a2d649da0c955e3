using BookSaga.Contracts;
using BookSaga.Customer.Sagas;
using BookSaga.Hosting.Data;
using Microsoft.Extensions.Options;
using Npgsql;

namespace BookSaga.Customer.Bookings;

/// <summary>Starts a cancellation, or joins the one that is there, and waits for its end; for the customer's call and the company's alike.</summary>
internal sealed class CancelBookingRun(CancelBookingSaga saga, CancellationStore store, NpgsqlDataSource db, IOptions<SagaOptions> options, TimeProvider time)
{
    private const string ReadSql = """
        SELECT b.status, c.status, c.by_company, coalesce(c.reason, '') FROM booking b LEFT JOIN cancellation c ON c.booking_id = b.id WHERE b.id = $1
        """;

    /// <summary>How often a row that another driver writes is read.</summary>
    internal static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(100);

    internal enum Result
    {
        Cancelled,
        Running,

        /// <summary>It is not paid, the appointment is over, or the other side has cancelled it.</summary>
        Refused,
    }

    /// <summary>Cancels; the booking exists and the caller may: of the company, <paramref name="manager"/>, where that is known.</summary>
    internal async Task<(Result Result, string Reason)> CancelAsync(Guid booking, bool byCompany, string note, CancellationToken gone, Guid? manager = null)
    {
        long start = time.GetTimestamp();
        while (true)
        {
            if (await store.StartAsync(booking, byCompany, note, manager, gone) is { } started)
            {
                SagaMetrics.Started(CancelBookingSaga.Name);
                await Task.WhenAny(saga.DriveAsync(started), Task.Delay(options.Value.WaitLimit, time, gone));
            }
            Row row = await db.QueryFirstAsync(
                ReadSql, r => new Row(r.GetString(0), r.Nullable<string>(1), r.Nullable<bool?>(2), r.GetString(3)), gone, booking) ?? new Row("", null, null, "");
            // A booking that is being paid right now is cancelled as soon as it is.
            bool running = row is { Booking: "pending" } or { Cancellation: "pending" };
            if (!running)
            {
                return row.Cancellation switch
                {
                    "cancelled" when row.ByCompany == byCompany => (Result.Cancelled, ""),
                    "cancelled" => (Result.Refused, "already_cancelled"),
                    null => (Result.Refused, row.Booking == "completed" ? "booking_completed" : "booking_not_paid"),
                    _ => (Result.Refused, row.Reason),
                };
            }
            if (time.GetElapsedTime(start) >= options.Value.WaitLimit)
            {
                return row.Cancellation is null ? (Result.Refused, BookingReasons.Pending) : (Result.Running, "");
            }
            await Task.Delay(Poll, time, gone);
        }
    }

    private sealed record Row(string Booking, string? Cancellation, bool? ByCompany, string Reason);
}
