using BookSaga.Contracts;
using BookSaga.Contracts.Events;
using BookSaga.Hosting.Data;
using BookSaga.Hosting.Events;
using Npgsql;

namespace BookSaga.Customer.Bookings;

/// <summary>booking.offer-completed.v1: the appointment is over, so its paid booking is completed and can't be cancelled any more. A repeat changes nothing.</summary>
internal sealed class OfferCompletedHandler(NpgsqlDataSource db) : IEventHandler
{
    private const string Sql = """
        WITH done AS (UPDATE booking SET status = 'completed' WHERE id = $1 AND status = 'paid')
        SELECT live FROM booking WHERE id = $1
        """;

    public string Type => EventTypes.OfferCompleted;

    /// <exception cref="InvalidOperationException">The saga has not recorded its end yet: the event comes again later.</exception>
    public async Task HandleAsync(Event received, CancellationToken ct)
    {
        Guid booking = Json.Read<OfferCompleted>(received.PayloadJson).BookingId;
        if (await db.QueryFirstAsync(Sql, row => row.GetBoolean(0), ct, booking))
        {
            throw new InvalidOperationException($"booking {booking} is still being recorded");
        }
    }
}
