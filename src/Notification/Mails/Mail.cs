namespace BookSaga.Notification.Mails;

/// <summary>What a mail tells: what a booking came to, or that its time is near.</summary>
internal enum Outcome
{
    /// <summary>The appointment stands.</summary>
    Paid,

    /// <summary>There is none, and no money is missing.</summary>
    Failed,

    /// <summary>A paid one was cancelled.</summary>
    Cancelled,

    /// <summary>It is tomorrow.</summary>
    DayBefore,

    /// <summary>It is in an hour.</summary>
    HourBefore,
}

/// <summary>Names in tables and on the wire.</summary>
internal static class MailKinds
{
    internal const string Client = "client";
    internal const string Company = "company";

    /// <summary>As the tables have it.</summary>
    internal static string Name(this Outcome kind) => kind switch
    {
        Outcome.Paid => "paid",
        Outcome.Failed => "failed",
        Outcome.Cancelled => "cancelled",
        Outcome.DayBefore => "day_before",
        _ => "hour_before",
    };
}

/// <summary>A mail ready to be sent.</summary>
/// <param name="EventId">What it tells of.</param>
/// <param name="Audience"><c>client</c> or <c>company</c>.</param>
/// <param name="Kind">The name of its <see cref="Outcome"/>, or <c>webhook_disabled</c>.</param>
/// <param name="CompanyId">The company whose appointment it is about.</param>
/// <param name="MessageId">The same for every repeat: made of event and audience.</param>
/// <param name="Language"><c>ru</c> or <c>en</c>.</param>
/// <param name="ToName">The name of the one in To, where there is just one.</param>
/// <param name="To">Addresses, at least one.</param>
/// <param name="Cc">Addresses that get a copy.</param>
/// <param name="Subject">One line.</param>
/// <param name="Text">The plain text part.</param>
/// <param name="Html">The HTML part.</param>
/// <param name="Calendar">An iCalendar object, where the mail puts the appointment into a calendar or takes it out.</param>
/// <param name="Unsubscribe">Where its recipient can have no more of its kind.</param>
/// <param name="ExpiresAt">When it is not worth sending any more.</param>
internal sealed record Mail(
    Guid EventId,
    string Audience,
    string Kind,
    long CompanyId,
    string MessageId,
    string Language,
    string? ToName,
    IReadOnlyList<string> To,
    IReadOnlyList<string> Cc,
    string Subject,
    string Text,
    string Html,
    string? Calendar,
    string? Unsubscribe = null,
    DateTimeOffset? ExpiresAt = null)
{
    /// <summary>
    /// Stores mails from the JSON array <c>$1</c> at the time <c>$2</c>, those whose event is in <c>arrived (event_id, booking_id)</c>, which the statement has before.
    /// </summary>
    /// <remarks>DISTINCT: one batch may hold an event twice. A later mail of a booking answers the first one to the same audience, where that is known.</remarks>
    internal const string InsertSql = """
        INSERT INTO mail (event_id, audience, kind, booking_id, company_id, message_id, in_reply_to, language, to_name, to_addresses, cc_addresses,
            pending, subject, text_body, html_body, calendar, unsubscribe, expires_at, next_at, created_at)
        SELECT DISTINCT ON (event_id, m.audience) event_id, m.audience, m.kind, booking_id, m.company_id, m.message_id,
            (SELECT f.message_id FROM mail f WHERE f.booking_id = arrived.booking_id AND f.audience = m.audience AND f.kind = 'paid' AND m.kind <> 'paid' LIMIT 1),
            m.language, m.to_name, m."to", m.cc, m."to" || m.cc, m.subject, m.text, m.html, m.calendar, m.unsubscribe, m.expires_at, $2, $2
        FROM jsonb_to_recordset($1::jsonb) AS m(event_id uuid, audience text, kind text, company_id bigint, message_id text, language text, to_name text,
            "to" text[], cc text[], subject text, text text, html text, calendar text, unsubscribe text, expires_at timestamptz)
        JOIN arrived USING (event_id)
        """;
}
