using BookSaga.Contracts;
using BookSaga.Customer.Sagas;
using BookSaga.Hosting.Auth;
using BookSaga.Hosting.Data;
using BookSaga.Hosting.Http;
using BookSaga.Hosting.Idempotency;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;
using Npgsql;

namespace BookSaga.Customer.Bookings;

/// <summary>
/// POST /customer/offer/{id}/book: books the offer for the caller and pays from the balance. 200 with the booking when it is paid; 202 with
/// <c>Location</c> when it still runs after the wait limit. A client that goes away changes nothing.
/// </summary>
/// <remarks>
/// 404 offer not found. 409 offer is not open (offer_taken, offer_withdrawn). 422 insufficient funds. 503 booking timed out (no money was taken).
/// When a failure is answered, the offer is open again and no money is missing.
/// </remarks>
internal static class BookOfferEndpoint
{
    private const string ReadSql = $"SELECT {BookingView.Columns} FROM booking b WHERE b.id = $1";

    internal static void Map(IEndpointRouteBuilder routes) => routes.MapPost("/customer/offer/{id:long}/book", HandleAsync).WithSummary("Book an offer and pay for it from my balance").WithIdempotencyKey();

    private static async Task<Results<Ok<BookingView>, Accepted<BookingView>, ProblemHttpResult>> HandleAsync(
        long id, Caller caller, Language language, HttpContext context, BookingStore store, BookingDriver drive, NpgsqlDataSource db,
        IOptions<SagaOptions> options, TimeProvider time)
    {
        // No offer has such an id, so there is nothing to start; and consumers of events trust in ids above 0.
        if (id < 1)
        {
            return Problems.NotFound("offer not found");
        }
        CancellationToken gone = context.RequestAborted;
        Guid booking = context.OperationId();
        long start = time.GetTimestamp();
        if (await store.StartAsync(booking, caller, id) is { } started)
        {
            SagaMetrics.Started(BookOfferSaga.Name);
            await WaitAsync(drive(started), options.Value.WaitLimit, time, gone);
            if (started.Ended is { } end)
            {
                return Answer(BookingView.Of(started, end, language.Code), context);
            }
        }
        if (await ReadAsync(db, booking, language, gone) is not { } view)
        {
            // Nobody begins a booking whose account is being deleted.
            return Problems.InvalidClaims();
        }
        while (view.FinishedAt is null && time.GetElapsedTime(start) < options.Value.WaitLimit)
        {
            await Task.Delay(CancelBookingRun.Poll, time, gone);
            view = await ReadAsync(db, booking, language, gone) ?? view;
        }
        return Answer(view, context);
    }

    // The drive goes on without who waits for it.
    private static async Task WaitAsync(Task drive, TimeSpan limit, TimeProvider time, CancellationToken gone)
    {
        try
        {
            await drive.WaitAsync(limit, time, gone);
        }
        catch (TimeoutException)
        {
            // The answer is what its row says by now.
        }
    }

    private static Results<Ok<BookingView>, Accepted<BookingView>, ProblemHttpResult> Answer(BookingView view, HttpContext context)
    {
        string location = $"/api/v1/customer/bookings/{view.Id}";
        if (view.Status == "pending")
        {
            return TypedResults.Accepted(location, view);
        }
        if (view.Status != "failed")
        {
            return TypedResults.Ok(view);
        }
        context.Response.Headers.Location = location;
        return view.Reason switch
        {
            BookingReasons.InsufficientFunds => Problems.Of(422, "insufficient funds", detail: "The balance does not cover the price. The offer is open again; no money was taken."),
            BookingReasons.OfferNotFound => Problems.NotFound("offer not found"),
            BookingReasons.Deadline => Problems.Of(503, "booking timed out", detail: "The booking could not be paid in time. The offer is open again; no money was taken."),
            { } reason => Problems.Conflict("offer is not open", reason),
            null => throw new System.Diagnostics.UnreachableException("a failed booking has a reason"),
        };
    }

    private static Task<BookingView?> ReadAsync(NpgsqlDataSource db, Guid booking, Language language, CancellationToken ct) =>
        db.QueryFirstAsync(ReadSql, row => BookingView.Read(row, language.Code), ct, booking);
}
