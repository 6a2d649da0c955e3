using BookSaga.Hosting.Data;
using Microsoft.Extensions.Options;
using Npgsql;

namespace BookSaga.Notification.Sending;

/// <summary>
/// Sends what waits, over <c>Mail:Connections</c> connections at once. At least once: a process that dies between sending and recording sends again, under the
/// same Message-ID. A server in trouble makes mails wait and concerns nothing else; a mail in trouble makes no other wait.
/// </summary>
internal sealed partial class MailPump(
    MailQueue queue, Func<MailSender> senders, MailMetrics metrics, Migrator migrator, IOptions<MailOptions> options, TimeProvider time, ILogger<MailPump> logger) : BackgroundService
{
    // Two in a row are the server's fault rather than two mails'.
    private const int MaxTroubles = 2;
    private static readonly TimeSpan Poll = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan MaxPause = TimeSpan.FromSeconds(30);
    private volatile string? _trouble;

    /// <summary>Why mails wait at the moment, or null.</summary>
    internal string? Trouble => _trouble;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await migrator.Completion.WaitAsync(stoppingToken);
        // The first one looks by itself; the others are woken when there is more than one can carry.
        Task[] all = [.. Enumerable.Range(0, options.Value.Connections).Select(n => RunAsync(n == 0 ? Poll : Timeout.InfiniteTimeSpan, stoppingToken))];
        Task ended = await Task.WhenAny(all);
        // At a stop each ends its mail; a fault of one ends the process, as if it were the only one.
        await (stoppingToken.IsCancellationRequested ? Task.WhenAll(all) : ended);
    }

    private async Task RunAsync(TimeSpan patience, CancellationToken ct)
    {
        MailSender sender = senders();
        TimeSpan pause = TimeSpan.Zero;
        if (patience == Timeout.InfiniteTimeSpan)
        {
            await queue.WaitForMoreAsync(ct);
        }
        while (!ct.IsCancellationRequested)
        {
            bool well = false;
            try
            {
                int claimed = await SendDueAsync(sender, ct);
                await metrics.RefreshAsync(ct);
                if (claimed == 0)
                {
                    await (patience == Poll ? queue.WaitAsync(patience, ct) : queue.WaitForMoreAsync(ct));
                }
                // A round without mails says nothing of the server: what comes next is tried at once.
                well = claimed == 0 || sender.Trouble is null;
            }
            catch (Exception e) when (e is NpgsqlException or TimeoutException)
            {
                LogQueueUnavailable(e.Message);
            }
            pause = well ? TimeSpan.Zero : TimeSpan.FromTicks(Math.Clamp(pause.Ticks * 2, Poll.Ticks, MaxPause.Ticks));
            await Task.Delay(pause, time, ct);
        }
    }

    // Claims one batch, sends it, and gives its size.
    private async Task<int> SendDueAsync(MailSender sender, CancellationToken ct)
    {
        List<DueMail> batch = await queue.ClaimAsync();
        if (batch.Count == 0)
        {
            return 0;
        }
        if (batch.Count == MailQueue.BatchSize)
        {
            queue.SignalMore();
        }
        using var held = new MailLease(queue, time, batch);
        long start = time.GetTimestamp();
        int troubles = 0;
        while (held.Rest.Count > 0 && troubles < MaxTroubles && time.GetElapsedTime(start) < MailQueue.BatchLimit && await sender.IsReadyAsync(ct) && held.IsValid)
        {
            DueMail mail = held.Rest[0];
            await sender.SendAsync(mail, held, ct);
            _trouble = sender.Trouble;
            troubles = sender.Trouble is null ? 0 : troubles + 1;
        }
        await sender.CloseAsync();
        await held.EndAsync();
        return batch.Count;
    }

    [LoggerMessage(4, LogLevel.Warning, "The mail queue is out of reach: {Reason}")]
    private partial void LogQueueUnavailable(string reason);
}
