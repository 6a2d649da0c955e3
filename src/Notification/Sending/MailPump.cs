using System.Diagnostics;
using BookSaga.Hosting;
using BookSaga.Hosting.Data;
using Microsoft.Extensions.Options;
using MimeKit;
using Npgsql;

namespace BookSaga.Notification.Sending;

/// <summary>
/// Sends what waits. At least once: a process that dies between sending and recording sends again, under the same Message-ID.
/// A server in trouble makes mails wait and concerns nothing else; a mail in trouble makes no other wait.
/// </summary>
internal sealed partial class MailPump(
    MailQueue queue, MailTransport transport, MailMetrics metrics, Migrator migrator, IOptions<MailOptions> options, TimeProvider time, ILogger<MailPump> logger) : BackgroundService
{
    // Two in a row are the server's fault rather than two mails'.
    private const int MaxTroubles = 2;
    private static readonly TimeSpan Poll = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan MaxPause = TimeSpan.FromSeconds(30);

    // At a stop the mail under way may finish: cut off, it would be sent twice.
    private static readonly TimeSpan StopGrace = TimeSpan.FromSeconds(2);

    private readonly MailboxAddress _sender = options.Value.Sender;
    private volatile string? _trouble;

    /// <summary>Why mails wait at the moment, or null.</summary>
    internal string? Trouble => _trouble;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await migrator.Completion.WaitAsync(stoppingToken);
        TimeSpan pause = TimeSpan.Zero;
        while (!stoppingToken.IsCancellationRequested)
        {
            bool well = false;
            try
            {
                int claimed = await SendDueAsync(stoppingToken);
                await metrics.RefreshAsync(stoppingToken);
                if (claimed == 0)
                {
                    await queue.WaitAsync(Poll, stoppingToken);
                }
                well = _trouble is null;
            }
            catch (Exception e) when (e is NpgsqlException or TimeoutException)
            {
                LogQueueUnavailable(e.Message);
            }
            pause = well ? TimeSpan.Zero : TimeSpan.FromTicks(Math.Clamp(pause.Ticks * 2, Poll.Ticks, MaxPause.Ticks));
            await Task.Delay(pause, time, stoppingToken);
        }
    }

    /// <summary>Claims one batch, sends it, and gives its size.</summary>
    internal async Task<int> SendDueAsync(CancellationToken ct)
    {
        List<DueMail> batch = await queue.ClaimAsync(ct);
        if (batch.Count == 0)
        {
            return 0;
        }
        using var held = new MailLease(queue, time, batch);
        long start = time.GetTimestamp();
        int troubles = 0;
        while (held.Rest.Count > 0 && held.IsValid && troubles < MaxTroubles && !ct.IsCancellationRequested && time.GetElapsedTime(start) < MailQueue.BatchLimit)
        {
            DueMail mail = held.Rest[0];
            using Activity? span = SagaTrace.Start(mail.BookingId, "send mail", ActivityKind.Producer);
            Delivery delivery = await AttemptAsync(mail, ct);
            troubles = _trouble is null ? 0 : troubles + 1;
            held.Done();
            await RecordAsync(mail, delivery, span);
        }
        await transport.CloseAsync();
        await held.EndAsync();
        return batch.Count;
    }

    private async Task<Delivery> AttemptAsync(DueMail mail, CancellationToken stopping)
    {
        using var limit = new CancellationTokenSource(options.Value.Timeout);
        await using CancellationTokenRegistration stop = stopping.Register(() => limit.CancelAfter(StopGrace));
        try
        {
            await transport.OpenAsync(limit.Token);
            Delivery delivery = await transport.SendAsync(MailTransport.Message(mail, _sender), mail.Pending, limit.Token);
            _trouble = null;
            return delivery;
        }
        // Whatever it was: this mail waits, the connection is not to be trusted, the pump goes on.
        catch (Exception e)
        {
            string reason = e is OperationCanceledException ? $"no answer within {options.Value.Timeout}" : e.Message;
            if (_trouble is null)
            {
                LogTrouble(reason);
            }
            _trouble = reason;
            await transport.CloseAsync();
            return Delivery.Later(reason);
        }
    }

    private async Task RecordAsync(DueMail mail, Delivery delivery, Activity? span)
    {
        string state = await queue.RecordAsync(mail, delivery, CancellationToken.None);
        span.SetOutcome(state);
        span?.SetTag("booksaga.message_id", mail.MessageId).SetTag("booksaga.audience", mail.Audience).SetTag("booksaga.attempt", mail.Attempts);
        if (delivery.Trouble is { } trouble)
        {
            span?.SetStatus(ActivityStatusCode.Error, trouble);
        }
        metrics.Count(mail, state);
        foreach ((_, string reason) in delivery.Refused)
        {
            LogRefused(mail.BookingId, mail.EventId, mail.Audience, reason);
        }
        if (state == "failed")
        {
            LogFailed(mail.BookingId, mail.EventId, mail.Audience, mail.Attempts);
        }
    }

    [LoggerMessage(1, LogLevel.Warning, "Mails wait: {Reason}")]
    private partial void LogTrouble(string reason);

    [LoggerMessage(2, LogLevel.Warning, "Booking {BookingId}: mail {EventId} to {Audience} was refused for a recipient: {Reason}")]
    private partial void LogRefused(Guid bookingId, Guid eventId, string audience, string reason);

    [LoggerMessage(3, LogLevel.Error, "Booking {BookingId}: mail {EventId} to {Audience} failed for good at attempt {Attempts}")]
    private partial void LogFailed(Guid bookingId, Guid eventId, string audience, int attempts);

    [LoggerMessage(4, LogLevel.Warning, "The mail queue is out of reach: {Reason}")]
    private partial void LogQueueUnavailable(string reason);
}
