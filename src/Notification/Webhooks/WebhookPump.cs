using System.Diagnostics;
using BookSaga.Hosting;
using BookSaga.Hosting.Data;
using Microsoft.Extensions.Options;
using Npgsql;

namespace BookSaga.Notification.Webhooks;

/// <summary>
/// Sends what is due, many at once. At least once: a process that dies between sending and recording sends again, under the same <c>webhook-id</c>.
/// An endpoint in trouble makes its own deliveries wait, and concerns no other endpoint, no mail and no booking.
/// </summary>
internal sealed partial class WebhookPump(
    WebhookQueue queue, WebhookSender sender, RecordAttempt record, WebhookMetrics metrics, Migrator migrator,
    IOptions<WebhookOptions> options, TimeProvider time, ILogger<WebhookPump> logger) : BackgroundService
{
    private static readonly TimeSpan Poll = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan MaxPause = TimeSpan.FromSeconds(30);

    // At a stop the requests under way may finish: cut off, they would be sent twice.
    private static readonly TimeSpan StopGrace = TimeSpan.FromSeconds(2);
    private readonly List<Task> _running = [];
    private int _busy;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await migrator.Completion.WaitAsync(stoppingToken);
        using var ending = new CancellationTokenSource();
        await using CancellationTokenRegistration stop = stoppingToken.Register(() => ending.CancelAfter(StopGrace));
        try
        {
            await PumpAsync(ending.Token, stoppingToken);
        }
        finally
        {
            await Task.WhenAll(_running);
        }
    }

    private async Task PumpAsync(CancellationToken ending, CancellationToken stoppingToken)
    {
        TimeSpan pause = TimeSpan.Zero;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                if (await StartDueAsync(ending, stoppingToken) == 0)
                {
                    await queue.WaitAsync(Poll, stoppingToken);
                }
                pause = TimeSpan.Zero;
            }
            catch (Exception e) when (e is NpgsqlException or TimeoutException)
            {
                LogQueueUnavailable(e.Message);
                pause = TimeSpan.FromTicks(Math.Clamp(pause.Ticks * 2, Poll.Ticks, MaxPause.Ticks));
            }
            await Task.Delay(pause, time, stoppingToken);
        }
    }

    private async Task<int> StartDueAsync(CancellationToken ending, CancellationToken ct)
    {
        _running.RemoveAll(static request => request.IsCompleted);
        int free = options.Value.Concurrency - Volatile.Read(ref _busy);
        List<DueWebhook> claimed = free > 0 ? await queue.ClaimAsync(free, ct) : [];
        foreach (DueWebhook due in claimed)
        {
            Interlocked.Increment(ref _busy);
            _running.Add(RunAsync(due, ending));
        }
        return claimed.Count;
    }

    private async Task RunAsync(DueWebhook due, CancellationToken ending)
    {
        try
        {
            await AttemptAsync(due, ending);
        }
        // Whatever it was: not sent, or not recorded. It is due again when the lease has passed, and the others go on.
        catch (Exception e)
        {
            LogNotRecorded(due.WebhookId, due.Id, e.Message);
        }
        finally
        {
            Interlocked.Decrement(ref _busy);
            queue.Signal();
        }
    }

    private async Task AttemptAsync(DueWebhook due, CancellationToken ending)
    {
        using Activity? span = due.BookingId is { } booking ? SagaTrace.Start(booking, "send webhook", ActivityKind.Producer) : null;
        Attempt attempt = await sender.SendAsync(due, ending);
        (string state, bool disabled) = await record.HandleAsync(due, attempt, CancellationToken.None);
        span.SetOutcome(state);
        span?.SetTag("booksaga.webhook_id", due.Id).SetTag("booksaga.attempt", due.Attempts);
        if (attempt.Error is { } error)
        {
            span?.SetStatus(ActivityStatusCode.Error, error);
        }
        metrics.Count(due, state, disabled);
        if (state == "failed")
        {
            LogFailed(due.WebhookId, due.Id, due.Attempts, attempt.Error);
        }
        if (disabled)
        {
            LogDisabled(due.WebhookId, attempt.Error);
        }
    }

    [LoggerMessage(1, LogLevel.Warning, "Webhook {WebhookId}: delivery {Delivery} was given up at attempt {Attempts}: {Reason}")]
    private partial void LogFailed(long webhookId, string delivery, int attempts, string? reason);

    [LoggerMessage(2, LogLevel.Warning, "Webhook {WebhookId} is switched off: {Reason}")]
    private partial void LogDisabled(long webhookId, string? reason);

    [LoggerMessage(3, LogLevel.Warning, "Webhook {WebhookId}: delivery {Delivery} is tried again after its lease: {Reason}")]
    private partial void LogNotRecorded(long webhookId, string delivery, string reason);

    [LoggerMessage(4, LogLevel.Warning, "The webhook queue is out of reach: {Reason}")]
    private partial void LogQueueUnavailable(string reason);
}
