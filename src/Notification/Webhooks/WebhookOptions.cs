using System.ComponentModel.DataAnnotations;

namespace BookSaga.Notification.Webhooks;

/// <summary>Settings <c>Webhooks:*</c>.</summary>
internal sealed class WebhookOptions
{
    /// <summary>How long an endpoint may take for its answer, 1 s to 1 min. Standard Webhooks, "Request timeouts", asks for 15 to 30 s.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:01:00")]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>Whether <c>http</c> addresses may be subscribed; for tests and closed networks.</summary>
    public bool AllowHttp { get; set; }

    /// <summary>Whether requests may go to addresses that are not public; for tests and closed networks.</summary>
    public bool AllowPrivateAddresses { get; set; }

    /// <summary>A webhook whose every attempt has failed for so long is switched off.</summary>
    [Range(typeof(TimeSpan), "00:01:00", "365.00:00:00")]
    public TimeSpan DisableAfter { get; set; } = TimeSpan.FromDays(5);

    /// <summary>How long a secret goes on signing after it was replaced.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "30.00:00:00")]
    public TimeSpan SecretOverlap { get; set; } = TimeSpan.FromDays(1);

    /// <summary>Requests that one process has under way at once.</summary>
    [Range(1, 1000)]
    public int Concurrency { get; set; } = 64;

    /// <summary>Requests that all processes together have under way to one webhook; one that fails gets one at a time.</summary>
    [Range(1, 100)]
    public int ConcurrencyPerWebhook { get; set; } = 4;

    /// <summary>How long events and deliveries are kept for the log and for replays; longer than the retries last, which is three days.</summary>
    [Range(typeof(TimeSpan), "4.00:00:00", "3650.00:00:00")]
    public TimeSpan KeepFor { get; set; } = TimeSpan.FromDays(30);
}
