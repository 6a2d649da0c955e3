namespace BookSaga.Notification.Mails;

/// <summary>What a booking came to.</summary>
internal enum Outcome
{
    /// <summary>The appointment stands.</summary>
    Paid,

    /// <summary>There is none, and no money is missing.</summary>
    Failed,

    /// <summary>A paid one was cancelled.</summary>
    Cancelled,
}

/// <summary>A mail ready to be sent.</summary>
/// <param name="EventId">What it tells of.</param>
/// <param name="Audience"><c>client</c> or <c>company</c>.</param>
/// <param name="CompanyId">The company whose appointment it is about.</param>
/// <param name="MessageId">The same for every repeat: made of event and audience.</param>
/// <param name="Language"><c>ru</c> or <c>en</c>.</param>
/// <param name="ToName">The name of the one in To, where there is just one.</param>
/// <param name="To">Addresses, at least one.</param>
/// <param name="Cc">Addresses that get a copy.</param>
/// <param name="Subject">One line.</param>
/// <param name="Text">The plain text part.</param>
/// <param name="Html">The HTML part.</param>
internal sealed record Mail(
    Guid EventId,
    string Audience,
    long CompanyId,
    string MessageId,
    string Language,
    string? ToName,
    IReadOnlyList<string> To,
    IReadOnlyList<string> Cc,
    string Subject,
    string Text,
    string Html);
