using BookSaga.Contracts;
using BookSaga.Hosting.Data;
using BookSaga.Hosting.Events;
using Microsoft.Extensions.Options;
using Npgsql;

namespace BookSaga.Booking.Offers;

/// <summary>Every replica, every interval: paid offers whose appointment is over become completed, and customer is told in the same commit.</summary>
internal sealed partial class CompleteOffers(
    NpgsqlDataSource db, Outbox outbox, IOptions<BookingOptions> options, Migrator migrator, TimeProvider time, ILogger<CompleteOffers> logger) : BackgroundService
{
    private const string Destination = "customer";

    // A commit that holds up no cancellation for long.
    private const int BatchSize = 500;

    // SKIP LOCKED: replicas share the work, and an offer that is being cancelled right now is left to that. The reservation stays as the record.
    private const string Sql = """
        WITH due AS (
            SELECT id FROM offer WHERE is_claimed AND status = 'paid' AND datetime <= now() - $1 ORDER BY datetime LIMIT $2 FOR UPDATE SKIP LOCKED
        ), completed AS (
            UPDATE offer o SET status = 'completed', updated_at = now() FROM due WHERE o.id = due.id RETURNING o.id, o.booking_id
        ), told AS (
            INSERT INTO outbox (destination, type, payload)
            SELECT $3, $4, jsonb_build_object('booking_id', booking_id, 'offer_id', id) FROM completed
        )
        SELECT count(*) FROM completed
        """;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await migrator.Completion.WaitAsync(stoppingToken);
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                while (await CompleteAsync(stoppingToken) == BatchSize)
                {
                }
            }
            catch (Exception e) when (e is NpgsqlException or TimeoutException)
            {
                LogUnreachable(e.Message);
            }
            await Task.Delay(options.Value.CompleteInterval, time, stoppingToken);
        }
    }

    private async Task<long> CompleteAsync(CancellationToken ct)
    {
        long completed = await db.QueryFirstAsync(
            Sql, row => row.GetInt64(0), ct, options.Value.CompleteAfter, BatchSize, Destination, EventTypes.OfferCompleted);
        if (completed > 0)
        {
            outbox.Signal(Destination);
        }
        return completed;
    }

    [LoggerMessage(1, LogLevel.Warning, "Offers to complete could not be looked for: {Reason}")]
    private partial void LogUnreachable(string reason);
}
