using BookSaga.Hosting.Data;
using Microsoft.Extensions.Hosting;

namespace BookSaga.Hosting.Events.Broker;

/// <summary>Tries dead letters whose time has come, so that what is mended needs nobody's hand.</summary>
internal sealed class DeadLetterRetry(DeadLetterBox dead, Migrator migrator, TimeProvider time) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(30);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await migrator.Completion.WaitAsync(stoppingToken);
        while (!stoppingToken.IsCancellationRequested)
        {
            await Task.Delay(Interval, time, stoppingToken);
            try
            {
                await dead.RetryDueAsync(stoppingToken);
            }
            catch (Exception e) when (PassingFailure.Is(e))
            {
                // Next time.
            }
        }
    }
}
