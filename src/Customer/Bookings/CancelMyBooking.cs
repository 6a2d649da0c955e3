using BookSaga.Contracts;
using BookSaga.Hosting.Auth;
using BookSaga.Hosting.Data;
using BookSaga.Hosting.Http;
using BookSaga.Hosting.Idempotency;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;

namespace BookSaga.Customer.Bookings;

/// <summary>
/// POST /customer/bookings/{id}/cancel: the caller cancels a paid booking. The whole price returns until <c>refundable_until</c>, nothing later; the
/// offer is open again, or <c>canceled_by_customer</c> when its time has passed. 200 with the booking; 202 while it still runs.
/// </summary>
/// <remarks>404 booking not found. 409 booking cannot be cancelled (booking_not_paid, booking_completed, already_cancelled).</remarks>
internal static class CancelMyBooking
{
    /// <param name="Reason">Words for the company, optional, at most 500 characters.</param>
    internal sealed record Request(string? Reason);

    private const int MaxReasonLength = 500;
    private const string Sql = $"SELECT {BookingView.Columns} FROM booking b WHERE b.id = $1 AND b.customer_id = $2";

    internal static void Map(IEndpointRouteBuilder routes) => routes.MapPost("/customer/bookings/{id:guid}/cancel", HandleAsync).WithSummary("Cancel a paid booking").WithIdempotencyKey();

    private static async Task<Results<Ok<BookingView>, Accepted<BookingView>, ProblemHttpResult>> HandleAsync(
        Guid id, Request? body, Caller caller, Language language, HttpContext context, CancelBookingRun run, NpgsqlDataSource db, CancellationToken ct)
    {
        string note = body?.Reason?.Trim() ?? "";
        if (note.Length > MaxReasonLength)
        {
            return Problems.BadRequest($"reason is longer than {MaxReasonLength} characters", "reason_too_long");
        }
        if (await ReadAsync() is null)
        {
            return Problems.NotFound("booking not found");
        }
        (CancelBookingRun.Result result, string reason) = await run.CancelAsync(id, byCompany: false, note, ct);
        return result switch
        {
            CancelBookingRun.Result.Cancelled => TypedResults.Ok(await ReadAsync()),
            CancelBookingRun.Result.Running => TypedResults.Accepted($"/api/v1/customer/bookings/{id}", await ReadAsync()),
            _ when reason == BookingReasons.Pending => Problems.TryAgain(context, "booking cannot be cancelled", reason, "The booking is being paid at this moment; try again."),
            _ => Problems.Conflict("booking cannot be cancelled", reason),
        };

        Task<BookingView?> ReadAsync() => db.QueryFirstAsync(Sql, row => BookingView.Read(row, language.Code), ct, id, caller.Id);
    }
}
