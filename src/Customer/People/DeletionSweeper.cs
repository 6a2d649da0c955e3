using BookSaga.Hosting.Data;
using Microsoft.Extensions.Options;
using Npgsql;

namespace BookSaga.Customer.People;

/// <summary>Recovery: every replica, every interval, takes deletions whose driver has gone and drives them.</summary>
internal sealed partial class DeletionSweeper(DeletionStore store, DeletionRun run, IOptions<DeletionOptions> options, Migrator migrator, TimeProvider time, ILogger<DeletionSweeper> logger)
    : BackgroundService
{
    private const int AtOnce = 4;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await migrator.Completion.WaitAsync(stoppingToken);
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await Task.WhenAll((await store.ClaimAsync(AtOnce, stoppingToken)).Select(run.DriveAsync));
            }
            catch (Exception e) when (e is NpgsqlException or TimeoutException)
            {
                LogUnreachable(e.Message);
            }
            await Task.Delay(options.Value.SweepInterval, time, stoppingToken);
        }
    }

    [LoggerMessage(1, LogLevel.Warning, "Deletions could not be looked for: {Reason}")]
    private partial void LogUnreachable(string reason);
}
