namespace BookSaga.Notification.Webhooks;

/// <summary>
/// When a failed delivery is tried again: after 5 s, 25 s, 2 min 5 s, 10 min 25 s, 52 min 5 s, 4 h 20 min 25 s, and then every 12 h; twelve attempts in
/// 65 h 25 min 30 s. No jitter: deliveries to one webhook take turns anyway, so that its retries can't come as a wave.
/// </summary>
internal static class RetrySchedule
{
    /// <summary>Attempts before a delivery is given up.</summary>
    internal const int MaxAttempts = 12;

    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan MaxPause = TimeSpan.FromHours(12);

    /// <summary>The pause after attempt <paramref name="attempt"/> (from 1): the schedule's, or what the endpoint asked for by <c>Retry-After</c> when that is longer, up to 12 h.</summary>
    internal static TimeSpan PauseAfter(int attempt, TimeSpan? retryAfter = null)
    {
        TimeSpan pause = FirstPause.TotalSeconds * Math.Pow(5, attempt - 1) < MaxPause.TotalSeconds ? FirstPause * Math.Pow(5, attempt - 1) : MaxPause;
        return retryAfter is { } asked && asked > pause ? (asked < MaxPause ? asked : MaxPause) : pause;
    }
}
