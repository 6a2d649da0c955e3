using BookSaga.Contracts;
using BookSaga.Contracts.Booking;
using BookSaga.Contracts.Events;
using BookSaga.Customer.Sagas;
using BookSaga.Hosting.Events;

namespace BookSaga.Customer.Bookings;

/// <summary>
/// The end of a choreographed booking, as its participants have recorded it. It can't contradict an end that the kernel finds after the
/// deadline: both read the same durable rows. A repeat finds no live booking and changes nothing.
/// </summary>
internal sealed class BookingEndedHandler(string type, BookingStore store, Choreography choreography, TimeProvider time) : IEventHandler
{
    public string Type => type;

    public async Task HandleAsync(Event received, CancellationToken ct)
    {
        BookingEnded ended = Json.Read<BookingEnded>(received.PayloadJson);
        // Most end where they began and are known there; looked for again when the sweep has raised the epoch in between.
        for (BookOffer? saga = choreography.Waiting(ended.BookingId) ?? await store.LiveAsync(ended.BookingId); saga is not null; saga = await store.LiveAsync(ended.BookingId))
        {
            if (ended.Snapshot is { } snapshot)
            {
                saga.Held = new ReserveOutcome { PriceMinor = ended.PriceMinor, CompanyId = snapshot.Offer.CompanyId, SnapshotJson = Json.Write(snapshot) };
            }
            if (await store.FinishAsync(saga, new SagaEnd(ended.Reason)))
            {
                SagaMetrics.Finished(BookOfferSaga.Name, ended.Reason is null ? "paid" : "failed", ended.Reason, saga.Epoch, time.GetUtcNow() - saga.CreatedAt);
                break;
            }
        }
        choreography.Ended(ended.BookingId);
    }
}
