using System.Data.Common;
using BookSaga.Hosting.Data;

namespace BookSaga.Notification.Sending;

/// <summary>A mail that this process holds the lease of.</summary>
internal sealed record DueMail(
    long Id,
    Guid EventId,
    Guid BookingId,
    string Audience,
    string Kind,
    string MessageId,
    string Language,
    string? ToName,
    string[] To,
    string[] Cc,
    string[] Pending,
    string[] Accepted,
    string Subject,
    string Text,
    string Html,
    DateTimeOffset CreatedAt,
    int Attempts)
{
    /// <summary>The Message-ID of the mail that began the thread.</summary>
    internal string? InReplyTo { get; init; }

    /// <summary>An iCalendar object.</summary>
    internal string? Calendar { get; init; }

    /// <summary>Where its recipient can have no more of its kind.</summary>
    internal string? Unsubscribe { get; init; }

    /// <summary>When it is not worth sending any more.</summary>
    internal DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>How often it was sent again by hand.</summary>
    internal int Resends { get; init; }

    /// <summary>When that was asked for last.</summary>
    internal DateTimeOffset? ResentAt { get; init; }

    /// <summary>Of the table <c>mail AS m</c>, for <see cref="Read"/>.</summary>
    internal const string Columns = """
        m.id, m.event_id, m.booking_id, m.audience, m.kind, m.message_id, m.language, m.to_name, m.to_addresses, m.cc_addresses, m.pending, m.accepted,
        m.subject, m.text_body, m.html_body, m.created_at, m.attempts, m.in_reply_to, m.calendar, m.unsubscribe, m.expires_at, m.resends, m.resent_at
        """;

    internal static DueMail Read(DbDataReader row) => new(
        row.GetInt64(0), row.GetGuid(1), row.GetGuid(2), row.GetString(3), row.GetString(4), row.GetString(5), row.GetString(6), row.Nullable<string>(7),
        row.GetFieldValue<string[]>(8), row.GetFieldValue<string[]>(9), row.GetFieldValue<string[]>(10), row.GetFieldValue<string[]>(11), row.GetString(12),
        row.GetString(13), row.GetString(14), row.GetFieldValue<DateTimeOffset>(15), row.GetInt32(16))
    {
        InReplyTo = row.Nullable<string>(17),
        Calendar = row.Nullable<string>(18),
        Unsubscribe = row.Nullable<string>(19),
        ExpiresAt = row.Nullable<DateTimeOffset?>(20),
        Resends = row.GetInt32(21),
        ResentAt = row.Nullable<DateTimeOffset?>(22),
    };
}
