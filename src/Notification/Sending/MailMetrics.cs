using System.Diagnostics.Metrics;

namespace BookSaga.Notification.Sending;

/// <summary>
/// Meter <c>BookSaga.Notification</c>: <c>booksaga.mails.sent</c> and <c>booksaga.mails.failed</c> (by audience),
/// <c>booksaga.mails.waiting</c>, and <c>booksaga.mails.oldest_waiting</c>, its age in seconds. The last two are read from the
/// database, so every replica shows the same: take the maximum, not the sum.
/// </summary>
internal sealed class MailMetrics
{
    // Prometheus rarely asks more often; and the count, which is long where the queue is, is to be beside hardly any booking.
    private static readonly TimeSpan LeastRest = TimeSpan.FromSeconds(5);
    private const int CountShare = 500;

    private readonly MailQueue _queue;
    private readonly TimeProvider _time;
    private readonly Counter<long> _sent;
    private readonly Counter<long> _failed;
    private long _refreshed;
    private TimeSpan _rest = TimeSpan.Zero;
    private long _waiting;
    private DateTimeOffset? _oldest;

    public MailMetrics(MailQueue queue, TimeProvider time, IMeterFactory meters)
    {
        _queue = queue;
        _time = time;
        Meter meter = meters.Create("BookSaga.Notification");
        _sent = meter.CreateCounter<long>("booksaga.mails.sent", "{mail}", "Mails that a server took for at least one recipient.");
        _failed = meter.CreateCounter<long>("booksaga.mails.failed", "{mail}", "Mails refused for all recipients, or given up.");
        meter.CreateObservableGauge("booksaga.mails.waiting", () => _waiting, "{mail}", "Mails not sent yet.");
        meter.CreateObservableGauge(
            "booksaga.mails.oldest_waiting", () => _oldest is { } oldest ? (_time.GetUtcNow() - oldest).TotalSeconds : 0, "s", "Age of the oldest mail not sent yet.");
    }

    /// <summary>Counts a mail that came to its end.</summary>
    internal void Count(DueMail mail, string state)
    {
        if (state != "waiting")
        {
            (state == "sent" ? _sent : _failed).Add(1, new KeyValuePair<string, object?>("audience", mail.Audience));
        }
    }

    /// <summary>Reads the queue's length, not more often than every five seconds and in a five-hundredth of the time.</summary>
    internal async Task RefreshAsync(CancellationToken ct)
    {
        if (_time.GetElapsedTime(_refreshed) >= _rest)
        {
            long start = _time.GetTimestamp();
            (_waiting, _oldest) = await _queue.CountAsync(ct);
            _refreshed = _time.GetTimestamp();
            _rest = RestAfter(_time.GetElapsedTime(start, _refreshed));
        }
    }

    /// <summary>How long a count is good that took <paramref name="count"/>.</summary>
    internal static TimeSpan RestAfter(TimeSpan count) => count * CountShare > LeastRest ? count * CountShare : LeastRest;
}
