using System.Globalization;
using MimeKit;
using MimeKit.Text;
using MimeKit.Utils;

namespace BookSaga.Notification.Sending;

/// <summary>
/// A mail as it travels, the same at every repeat: text and HTML; for calendars a third alternative, which mail programs act on, and the same as a file for all
/// others.
/// </summary>
internal static class MailMessage
{
    /// <summary>Makes it.</summary>
    internal static MimeMessage Of(DueMail mail, MailboxAddress sender)
    {
        string boundary = "=_" + mail.EventId.ToString("N");
        var body = new MultipartAlternative(Part(TextFormat.Plain, mail.Text), Part(TextFormat.Html, mail.Html)) { Boundary = boundary };
        var message = new MimeMessage { MessageId = mail.MessageId, Date = mail.CreatedAt, Subject = mail.Subject, Body = body };
        if (mail.Calendar is { } calendar)
        {
            body.Add(CalendarPart(calendar));
            message.Body = new Multipart("mixed", body, CalendarAttachment(calendar)) { Boundary = boundary + "m" };
        }
        message.From.Add(sender);
        message.To.AddRange(mail.To.Select(address => new MailboxAddress(mail.ToName, address)));
        message.Cc.AddRange(mail.Cc.Select(address => new MailboxAddress(null, address)));
        // RFC 3834: no automatic answers, please.
        message.Headers.Add("Auto-Submitted", "auto-generated");
        message.Headers.Add(HeaderId.ContentLanguage, mail.Language);
        // For whoever looks for the mail's trace or timeline.
        message.Headers.Add("X-BookSaga-Booking", mail.BookingId.ToString());
        if (mail.InReplyTo is { } first)
        {
            message.InReplyTo = first;
            message.References.Add(first);
        }
        if (mail.Unsubscribe is { } unsubscribe)
        {
            // RFC 2369 and RFC 8058: one click ends what nobody has to read.
            message.Headers.Add(HeaderId.ListUnsubscribe, $"<{unsubscribe}>");
            message.Headers.Add("List-Unsubscribe-Post", "List-Unsubscribe=One-Click");
        }
        if (mail.ResentAt is { } at)
        {
            Resend(message, mail, sender, at);
        }
        return message;
    }

    // RFC 5322, 3.6.6: sent again it is the same message, so it keeps its Message-ID; a block of its own before the others tells when, by whom, and which time.
    private static void Resend(MimeMessage message, DueMail mail, MailboxAddress sender, DateTimeOffset at)
    {
        string[] id = mail.MessageId.Split('@', 2);
        (HeaderId Id, string Value)[] block =
        [
            (HeaderId.ResentDate, DateUtils.FormatDate(at)),
            (HeaderId.ResentFrom, sender.ToString(FormatOptions.Default, encode: true)),
            (HeaderId.ResentTo, string.Join(", ", mail.To.Select(address => new MailboxAddress(null, address).ToString(FormatOptions.Default, encode: true)))),
            (HeaderId.ResentMessageId, string.Create(CultureInfo.InvariantCulture, $"<{id[0]}.{mail.Resends}@{id[1]}>")),
        ];
        for (int i = 0; i < block.Length; i++)
        {
            message.Headers.Insert(i, block[i].Id, block[i].Value);
        }
    }

    // 8bit keeps the mail readable as a file; for a server that lacks 8BITMIME it is encoded again on sending.
    private static TextPart Part(TextFormat format, string text) => new(format) { Text = text, ContentTransferEncoding = ContentEncoding.EightBit };

    private static TextPart CalendarPart(string calendar)
    {
        var part = new TextPart("calendar") { Text = calendar, ContentTransferEncoding = ContentEncoding.EightBit };
        part.ContentType.Parameters.Add("method", calendar.Contains("\nMETHOD:CANCEL", StringComparison.Ordinal) ? "CANCEL" : "REQUEST");
        return part;
    }

    // Its own type, or programs that act on text/calendar would act twice.
    private static MimePart CalendarAttachment(string calendar) => new("application", "ics")
    {
        Content = new MimeContent(new MemoryStream(System.Text.Encoding.UTF8.GetBytes(calendar))),
        ContentDisposition = new ContentDisposition(ContentDisposition.Attachment),
        ContentTransferEncoding = ContentEncoding.Base64,
        FileName = "booking.ics",
    };
}
