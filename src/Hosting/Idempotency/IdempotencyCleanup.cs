using BookSaga.Hosting.Data;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace BookSaga.Hosting.Idempotency;

/// <summary>Forgets keys after 30 days, so that the table does not grow for ever; no client repeats a request that long.</summary>
internal sealed partial class IdempotencyCleanup(NpgsqlDataSource db, Migrator migrator, TimeProvider time, ILogger<IdempotencyCleanup> logger) : BackgroundService
{
    private const int BatchSize = 1000;
    private static readonly TimeSpan Interval = TimeSpan.FromHours(1);

    private const string Sql = """
        DELETE FROM idempotency WHERE (caller, key) IN (
            SELECT caller, key FROM idempotency WHERE created_at < now() - interval '30 days' ORDER BY created_at LIMIT $1 FOR UPDATE SKIP LOCKED)
        """;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await migrator.Completion.WaitAsync(stoppingToken);
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                while (await db.ExecuteAsync(Sql, stoppingToken, BatchSize) == BatchSize)
                {
                }
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                LogWaiting(e.Message);
            }
            await Task.Delay(Interval, time, stoppingToken);
        }
    }

    [LoggerMessage(1, LogLevel.Warning, "Old idempotency keys are kept for another hour: {Reason}")]
    private partial void LogWaiting(string reason);
}
