using System.Text.Json.Serialization;

namespace BookSaga.Contracts;

/// <summary>A mail with its ledger, as companies and operators see it. The notification service writes it; others pass it on.</summary>
/// <param name="Id">Its number, for sending it again.</param>
/// <param name="BookingId">What it is about.</param>
/// <param name="CompanyId">The company whose appointment it is about.</param>
/// <param name="Kind"><c>paid</c>, <c>failed</c>, <c>cancelled</c>, <c>day_before</c>, <c>hour_before</c> or <c>webhook_disabled</c>.</param>
/// <param name="Audience"><c>client</c> or <c>company</c>.</param>
/// <param name="Subject">Its subject.</param>
/// <param name="To">Addresses.</param>
/// <param name="Cc">Addresses that get a copy.</param>
/// <param name="MessageId">Its <c>Message-ID</c>, which all attempts and resends have.</param>
/// <param name="State"><c>waiting</c>, <c>sent</c>, <c>failed</c> or <c>cancelled</c> (called off before it left).</param>
/// <param name="Reason">Why a recipient or the last attempt failed: a stable code such as <c>mailbox_unknown</c>.</param>
/// <param name="LastError">The same in the server's words.</param>
/// <param name="Attempts">Attempts begun.</param>
/// <param name="Resends">How often it was sent again by hand.</param>
/// <param name="CreatedAt">When it was written, UTC.</param>
/// <param name="FinishedAt">When it came to its end, UTC.</param>
/// <param name="Log">Its attempts, oldest first; one that was cut off by a crash is missing here and counted in <c>attempts</c>.</param>
public sealed record MailEntry(
    long Id,
    Guid BookingId,
    long CompanyId,
    string Kind,
    string Audience,
    string Subject,
    IReadOnlyList<string> To,
    IReadOnlyList<string> Cc,
    string MessageId,
    string State,
    string? Reason,
    string? LastError,
    int Attempts,
    int Resends,
    DateTimeOffset CreatedAt,
    DateTimeOffset? FinishedAt,
    IReadOnlyList<MailAttempt> Log);

/// <summary>One attempt at a mail.</summary>
/// <param name="At">When its outcome was recorded, UTC.</param>
/// <param name="Attempt">Its number.</param>
/// <param name="Outcome"><c>sent</c>, <c>partly</c> (taken for some), <c>deferred</c> (tried again later) or <c>refused</c> (for good).</param>
/// <param name="Reason">Why not, a stable code.</param>
/// <param name="Answer">The mail server's words.</param>
public sealed record MailAttempt(
    DateTimeOffset At,
    int Attempt,
    string Outcome,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Reason,
    string Answer);
