using BookSaga.Hosting.Data;
using Microsoft.Extensions.Options;
using Npgsql;

namespace BookSaga.Company.Offers.Weekly;

/// <summary>Recovery: every replica, every interval, takes batches whose driver has gone and drives them.</summary>
internal sealed partial class WeeklySweeper(WeeklyStore store, WeeklyRun run, IOptions<WeeklyOptions> options, Migrator migrator, TimeProvider time, ILogger<WeeklySweeper> logger)
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

    [LoggerMessage(1, LogLevel.Warning, "Weekly batches could not be looked for: {Reason}")]
    private partial void LogUnreachable(string reason);
}
