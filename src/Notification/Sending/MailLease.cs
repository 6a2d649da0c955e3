using Npgsql;

namespace BookSaga.Notification.Sending;

/// <summary>
/// The mails that a claim still holds. It is renewed while a mail travels, however slow the server, so the lease itself can be short and
/// what a dead process held is soon sent by another one.
/// </summary>
internal sealed class MailLease : IDisposable
{
    private static readonly TimeSpan RenewEvery = MailQueue.Lease / 4;
    private readonly CancellationTokenSource _end = new();
    private readonly MailQueue _queue;
    private readonly TimeProvider _time;
    private readonly Task _renewing;
    private long _renewed;

    internal MailLease(MailQueue queue, TimeProvider time, IReadOnlyList<DueMail> mails)
    {
        (_queue, _time, Rest) = (queue, time, mails);
        _renewed = time.GetTimestamp();
        _renewing = RenewAsync();
    }

    /// <summary>What is held and not done, the mail under way first.</summary>
    internal IReadOnlyList<DueMail> Rest { get; private set; }

    /// <summary>False when the lease has run out, as after a long pause of this process: another one may have taken the mails.</summary>
    internal bool IsValid => _time.GetElapsedTime(Volatile.Read(ref _renewed)) < MailQueue.Lease;

    /// <summary>The first mail needs its lease no longer.</summary>
    internal void Done() => Rest = [.. Rest.Skip(1)];

    /// <summary>Gives back what is not done.</summary>
    internal async Task EndAsync()
    {
        await _end.CancelAsync();
        await _renewing;
        await _queue.GiveBackAsync(Rest, CancellationToken.None);
    }

    public void Dispose()
    {
        _end.Cancel();
        _end.Dispose();
    }

    private async Task RenewAsync()
    {
        using var timer = new PeriodicTimer(RenewEvery, _time);
        try
        {
            while (await timer.WaitForNextTickAsync(_end.Token))
            {
                try
                {
                    long now = _time.GetTimestamp();
                    await _queue.RenewAsync(Rest, _end.Token);
                    Volatile.Write(ref _renewed, now);
                }
                catch (Exception e) when (e is NpgsqlException or TimeoutException)
                {
                    // Tried again at the next tick; the mails wait for another process when none succeeds.
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The end.
        }
    }
}
