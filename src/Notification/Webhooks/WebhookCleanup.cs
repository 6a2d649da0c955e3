using BookSaga.Hosting.Data;
using Microsoft.Extensions.Options;
using Npgsql;

namespace BookSaga.Notification.Webhooks;

/// <summary>Forgets events with their deliveries and attempts after <c>Webhooks:KeepFor</c>, and secrets that sign no more. Every hour, in each replica; no webhook waits for it.</summary>
internal sealed partial class WebhookCleanup(NpgsqlDataSource db, Migrator migrator, TimeProvider time, IOptions<WebhookOptions> options, ILogger<WebhookCleanup> logger) : BackgroundService
{
    private const int BatchSize = 1000;
    private static readonly TimeSpan Interval = TimeSpan.FromHours(1);

    private const string EventsSql = """
        DELETE FROM webhook_event WHERE event_id IN (
            SELECT event_id FROM webhook_event e WHERE received_at < $1
            AND NOT EXISTS (SELECT FROM webhook_delivery d WHERE d.event_id = e.event_id AND d.state = 'waiting')
            ORDER BY received_at LIMIT $2 FOR UPDATE SKIP LOCKED)
        """;

    private const string SecretsSql = "DELETE FROM webhook_secret WHERE expires_at <= $1";

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await migrator.Completion.WaitAsync(stoppingToken);
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await ForgetAsync(time.GetUtcNow(), stoppingToken);
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                LogKept(e.Message);
            }
            await Task.Delay(Interval, time, stoppingToken);
        }
    }

    private async Task ForgetAsync(DateTimeOffset now, CancellationToken ct)
    {
        await db.ExecuteAsync(SecretsSql, ct, now);
        while (await db.ExecuteAsync(EventsSql, ct, now - options.Value.KeepFor, BatchSize) == BatchSize)
        {
        }
    }

    [LoggerMessage(1, LogLevel.Warning, "Old webhook events are kept for another hour: {Reason}")]
    private partial void LogKept(string reason);
}
