using System.Text.Json.Serialization;

namespace BookSaga.Contracts;

/// <summary>A company's webhook. The notification service writes it; company passes it on.</summary>
/// <param name="Id">The webhook's id.</param>
/// <param name="Url">Where events are posted to.</param>
/// <param name="EventTypes">Which ones: <c>booking.paid</c>, <c>booking.failed</c>, <c>booking.cancelled</c>.</param>
/// <param name="Active">False: nothing is sent.</param>
/// <param name="DisabledReason">Why it was switched off without its company: <c>gone</c> (it answered 410) or <c>failing</c>; else null.</param>
/// <param name="FailingSince">Since when every attempt has failed; null when the last one did not.</param>
/// <param name="CreatedAt">UTC.</param>
/// <param name="UpdatedAt">UTC.</param>
/// <param name="Secret">The signing secret, <c>whsec_</c> and 32 bytes in base64; only in the answer that makes it.</param>
public sealed record Webhook(
    long Id,
    string Url,
    IReadOnlyList<string> EventTypes,
    bool Active,
    string? DisabledReason,
    DateTimeOffset? FailingSince,
    DateTimeOffset CreatedAt,
    DateTimeOffset UpdatedAt,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Secret = null);

/// <summary>What became of one event for one webhook.</summary>
/// <param name="Id">The header <c>webhook-id</c>: the same at every attempt and replay.</param>
/// <param name="Type">The event's type.</param>
/// <param name="BookingId">The booking it tells of; null for a test.</param>
/// <param name="OccurredAt">When it happened, UTC.</param>
/// <param name="State"><c>waiting</c>, <c>delivered</c>, <c>failed</c> (given up) or <c>cancelled</c> (the webhook was switched off).</param>
/// <param name="NextAttemptAt">When it is tried next; null unless it waits.</param>
/// <param name="FinishedAt">When it was delivered or given up; null while it waits.</param>
/// <param name="Attempts">The last 20, newest first.</param>
public sealed record WebhookDelivery(
    string Id, string Type, Guid? BookingId, DateTimeOffset OccurredAt, string State, DateTimeOffset? NextAttemptAt, DateTimeOffset? FinishedAt, IReadOnlyList<WebhookAttempt> Attempts);

/// <summary>One request to a webhook.</summary>
/// <param name="At">When it began, UTC.</param>
/// <param name="Status">The HTTP status of the answer; null when none came.</param>
/// <param name="DurationMs">Milliseconds until the answer or the failure.</param>
/// <param name="Error">Why it counts as failed; null for a success.</param>
/// <param name="Answer">The beginning of the answer's body, at most 1,024 bytes of it.</param>
public sealed record WebhookAttempt(DateTimeOffset At, int? Status, int DurationMs, string? Error, string Answer);

/// <summary>A test is on its way.</summary>
/// <param name="Id">Its <c>webhook-id</c>, as in the deliveries.</param>
public sealed record WebhookTest(string Id);

/// <summary>A replay is on its way.</summary>
/// <param name="Queued">How many deliveries.</param>
public sealed record WebhookReplay(int Queued);
