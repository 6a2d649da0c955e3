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
    string Html)
{
    /// <summary>
    /// Stores mails from the JSON array <c>$1</c> at the time <c>$2</c>, those whose event is in <c>arrived (event_id, booking_id)</c>, which the statement has before.
    /// </summary>
    /// <remarks>DISTINCT: one batch may hold an event twice.</remarks>
    internal const string InsertSql = """
        INSERT INTO mail (event_id, audience, booking_id, company_id, message_id, language, to_name, to_addresses, cc_addresses,
            pending, subject, text_body, html_body, next_at, created_at)
        SELECT DISTINCT ON (event_id, m.audience) event_id, m.audience, booking_id, m.company_id, m.message_id, m.language, m.to_name, m."to", m.cc,
            m."to" || m.cc, m.subject, m.text, m.html, $2, $2
        FROM jsonb_to_recordset($1::jsonb) AS m(event_id uuid, audience text, company_id bigint, message_id text, language text, to_name text,
            "to" text[], cc text[], subject text, text text, html text)
        JOIN arrived USING (event_id)
        """;
}
