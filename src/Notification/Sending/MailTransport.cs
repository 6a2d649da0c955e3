using MimeKit;
using MimeKit.Text;

namespace BookSaga.Notification.Sending;

/// <summary>What came of one attempt, by recipient.</summary>
/// <param name="Accepted">Those the mail was taken for.</param>
/// <param name="Refused">Those it will never be taken for, with the reason.</param>
/// <param name="Trouble">Why the others have to wait, or null.</param>
internal sealed record Delivery(IReadOnlyList<string> Accepted, IReadOnlyList<(string Address, string Reason)> Refused, string? Trouble)
{
    /// <summary>Nothing was taken; try again later.</summary>
    internal static Delivery Later(string trouble) => new([], [], trouble);
}

/// <summary>How a mail leaves. Anything thrown means: nothing is known, try again later.</summary>
internal abstract class MailTransport
{
    /// <summary>Makes ready for sending; cheap when it is ready already.</summary>
    internal abstract Task OpenAsync(CancellationToken ct);

    /// <summary>Sends <paramref name="message"/> to <paramref name="recipients"/>, who may be fewer than its headers name.</summary>
    internal abstract Task<Delivery> SendAsync(MimeMessage message, IReadOnlyList<string> recipients, CancellationToken ct);

    /// <summary>Ends what <see cref="OpenAsync"/> began; never throws.</summary>
    internal abstract Task CloseAsync();

    /// <summary>The mail as it travels: both parts, and the same headers at every repeat.</summary>
    internal static MimeMessage Message(DueMail mail, MailboxAddress sender)
    {
        var message = new MimeMessage
        {
            MessageId = mail.MessageId,
            Date = mail.CreatedAt,
            Subject = mail.Subject,
            Body = new MultipartAlternative(Part(TextFormat.Plain, mail.Text), Part(TextFormat.Html, mail.Html))
            {
                Boundary = "=_" + mail.EventId.ToString("N"),
            },
        };
        message.From.Add(sender);
        message.To.AddRange(mail.To.Select(address => new MailboxAddress(mail.ToName, address)));
        message.Cc.AddRange(mail.Cc.Select(address => new MailboxAddress(null, address)));
        // RFC 3834: no automatic answers, please.
        message.Headers.Add("Auto-Submitted", "auto-generated");
        message.Headers.Add(HeaderId.ContentLanguage, mail.Language);
        // For whoever looks for the mail's trace or timeline.
        message.Headers.Add("X-BookSaga-Booking", mail.BookingId.ToString());
        return message;
    }

    // 8bit keeps the mail readable as a file; for a server that lacks 8BITMIME it is encoded again on sending.
    private static TextPart Part(TextFormat format, string text) => new(format) { Text = text, ContentTransferEncoding = ContentEncoding.EightBit };
}
