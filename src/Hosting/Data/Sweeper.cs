using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace BookSaga.Hosting.Data;

/// <summary>Recovery of long work that is leased in a table: every replica, every interval, takes what nobody drives any more and drives it. No leader, no session locks.</summary>
/// <param name="interval">Between two looks.</param>
/// <param name="claim">Takes so many at most.</param>
/// <param name="drive">To the end.</param>
/// <param name="migrator">Ends before the first look.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">Told when the database is out of reach.</param>
public abstract partial class Sweeper<TWork>(
    TimeSpan interval, Func<int, CancellationToken, Task<List<TWork>>> claim, Func<TWork, Task> drive, Migrator migrator, TimeProvider time, ILogger logger) : BackgroundService
{
    private const int AtOnce = 4;

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await migrator.Completion.WaitAsync(stoppingToken);
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await Task.WhenAll((await claim(AtOnce, stoppingToken)).Select(drive));
            }
            catch (Exception e) when (e is NpgsqlException or TimeoutException)
            {
                LogUnreachable(logger, e.Message);
            }
            await Task.Delay(interval, time, stoppingToken);
        }
    }

    [LoggerMessage(1, LogLevel.Warning, "Unfinished work could not be looked for: {Reason}")]
    private static partial void LogUnreachable(ILogger logger, string reason);
}
