using System.Diagnostics;
using BookSaga.Hosting;
using Microsoft.Extensions.Options;
using MimeKit;

namespace BookSaga.Notification.Sending;

/// <summary>One connection: sends one mail at a time and records what came of it.</summary>
internal sealed partial class MailSender(
    MailQueue queue, MailTransport transport, SmtpPace pace, MailMetrics metrics, IOptions<MailOptions> options, TimeProvider time, ILogger<MailSender> logger)
{
    // At a stop the mail under way may finish: cut off, it would be sent twice.
    private static readonly TimeSpan StopGrace = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan RecordPause = TimeSpan.FromMilliseconds(200);

    private readonly MailboxAddress _from = options.Value.Sender;

    /// <summary>What was wrong with the server at the last attempt, or null.</summary>
    internal string? Trouble { get; private set; }

    /// <summary>Waits until a mail may go; false when the process ends before.</summary>
    internal async Task<bool> IsReadyAsync(CancellationToken ct)
    {
        try
        {
            await pace.WaitAsync(ct);
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            // The mails are given back.
        }
        return !ct.IsCancellationRequested;
    }

    /// <summary>Sends the first mail of <paramref name="held"/>, unless it has become pointless, and records the outcome.</summary>
    internal async Task SendAsync(DueMail mail, MailLease held, CancellationToken ct)
    {
        using Activity? span = SagaTrace.Start(mail.BookingId, "send mail", ActivityKind.Producer);
        if (mail.ExpiresAt is not null && !await queue.IsWantedAsync(mail, CancellationToken.None))
        {
            held.Done();
            span.SetOutcome("cancelled");
            return;
        }
        Delivery delivery = mail.ExpiresAt <= time.GetUtcNow()
            ? Delivery.Never(mail.Pending, "not sent: its time has passed", SmtpReasons.TooLate)
            : await AttemptAsync(mail, ct);
        held.Done();
        await RecordAsync(mail, delivery, span, ct);
    }

    internal Task CloseAsync() => transport.CloseAsync();

    private async Task<Delivery> AttemptAsync(DueMail mail, CancellationToken stopping)
    {
        using var limit = new CancellationTokenSource(options.Value.Timeout);
        await using CancellationTokenRegistration stop = stopping.Register(() => limit.CancelAfter(StopGrace));
        try
        {
            await transport.OpenAsync(limit.Token);
            using MimeMessage message = MailMessage.Of(mail, _from);
            Delivery delivery = await transport.SendAsync(message, mail.Pending, limit.Token);
            Trouble = null;
            return delivery;
        }
        // Whatever it was: this mail waits, the connection is not to be trusted, the pump goes on.
        catch (Exception e)
        {
            string reason = e is OperationCanceledException ? $"no answer within {options.Value.Timeout}" : e.Message;
            if (Trouble is null)
            {
                LogTrouble(reason);
            }
            Trouble = reason;
            await transport.CloseAsync();
            return Delivery.Later(reason, e is SenderRefusedException ? SmtpReasons.SenderRefused : SmtpReasons.Unreachable);
        }
    }

    private async Task RecordAsync(DueMail mail, Delivery delivery, Activity? span, CancellationToken stopping)
    {
        string state = await StoreAsync(mail, delivery, stopping);
        span.SetOutcome(state);
        span?.SetTag("booksaga.message_id", mail.MessageId).SetTag("booksaga.audience", mail.Audience).SetTag("booksaga.attempt", mail.Attempts);
        if (delivery.Trouble is { } trouble)
        {
            span?.SetStatus(ActivityStatusCode.Error, trouble);
        }
        metrics.Count(mail, state);
        foreach (Refusal refusal in delivery.Refused)
        {
            LogRefused(mail.BookingId, mail.EventId, mail.Audience, refusal.Reason, refusal.Words);
        }
        if (state == "failed")
        {
            LogFailed(mail.BookingId, mail.EventId, mail.Audience, mail.Attempts);
        }
    }

    // What the server has taken must not be sent again because the database is away: its return is waited for. At a stop it is tried once more.
    // What it refuses for good holds up no other mail.
    private async Task<string> StoreAsync(DueMail mail, Delivery delivery, CancellationToken stopping)
    {
        DateTimeOffset at = time.GetUtcNow();
        for (bool told = false; ; told = true)
        {
            try
            {
                return await queue.RecordAsync(mail, delivery, at);
            }
            catch (Exception e) when (PassingFailure.Is(e) && delivery.Accepted.Count > 0 && !stopping.IsCancellationRequested)
            {
                if (!told)
                {
                    LogUnrecorded(mail.BookingId, mail.EventId, mail.Audience, e.Message);
                }
                await Task.Delay(RecordPause, time, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    [LoggerMessage(1, LogLevel.Warning, "Mails wait: {Reason}")]
    private partial void LogTrouble(string reason);

    [LoggerMessage(2, LogLevel.Warning, "Booking {BookingId}: mail {EventId} to {Audience} was refused for a recipient ({Reason}): {Words}")]
    private partial void LogRefused(Guid bookingId, Guid eventId, string audience, string reason, string words);

    [LoggerMessage(3, LogLevel.Error, "Booking {BookingId}: mail {EventId} to {Audience} failed for good at attempt {Attempts}")]
    private partial void LogFailed(Guid bookingId, Guid eventId, string audience, int attempts);

    [LoggerMessage(4, LogLevel.Warning, "Booking {BookingId}: mail {EventId} to {Audience} is sent but cannot be recorded yet: {Reason}")]
    private partial void LogUnrecorded(Guid bookingId, Guid eventId, string audience, string reason);
}
