using BookSaga.Contracts;
using Ical.Net;
using Ical.Net.CalendarComponents;
using Ical.Net.DataTypes;
using Ical.Net.Serialization;
using MimeKit;

namespace BookSaga.Notification.Mails;

/// <summary>
/// The appointment for the recipient's calendar (RFC 5545, RFC 5546): REQUEST puts it in, CANCEL takes the same one out, found by its UID, which is made of the
/// booking's id. Times are UTC, so no calendar has to know a zone.
/// </summary>
internal static class CalendarFile
{
    // RFC 5545, 3.8.7.4: rises with each revision. A booking has two: it stands, then it does not; their order is not that of arrival.
    private const int Stands = 0;
    private const int Cancelled = 1;

    /// <summary>The iCalendar object of one mail.</summary>
    /// <param name="outcome"><see cref="Outcome.Paid"/> or <see cref="Outcome.Cancelled"/>.</param>
    /// <param name="booking">The booking, with its snapshot.</param>
    /// <param name="with">Whom the appointment is with.</param>
    /// <param name="service">The service's name in the mail's language.</param>
    /// <param name="name">The name of the one in To.</param>
    /// <param name="recipients">Who gets the mail: calendars show an appointment to its attendees alone.</param>
    /// <param name="link">The booking's page.</param>
    /// <param name="options">The sender, who is the organizer: mails come from them, and a calendar takes no cancellation from others.</param>
    internal static string Write(
        Outcome outcome, BookingFinished booking, string with, string service, string? name, Recipients recipients, string? link, MailOptions options)
    {
        OfferSnapshot snapshot = booking.Snapshot!;
        bool cancelled = outcome == Outcome.Cancelled;
        var appointment = new CalendarEvent
        {
            Uid = $"{booking.BookingId}@{options.Sender.Domain}",
            Sequence = cancelled ? Cancelled : Stands,
            DtStamp = Utc(booking.OccurredAt),
            DtStart = Utc(snapshot.Offer.Datetime),
            DtEnd = Utc(snapshot.Offer.Datetime + options.AppointmentLength),
            Summary = Layout.Line($"{service}: {with}"),
            Location = Layout.Line(snapshot.Company.Address),
            Description = Layout.Line($"{snapshot.Company.Name}, {snapshot.Company.Phone}") + (link is null ? "" : "\n" + link),
            Status = cancelled ? EventStatus.Cancelled : EventStatus.Confirmed,
            Transparency = TransparencyType.Opaque,
            Organizer = new Organizer { Value = Address(options.Sender.Address), CommonName = Name(options.Sender.Name) },
        };
        if (link is not null)
        {
            appointment.Url = new Uri(link);
        }
        foreach (string address in recipients.To.Concat(recipients.Cc).Where(a => Address(a) is not null))
        {
            // It is paid already: nobody has to accept anything.
            appointment.Attendees.Add(new Attendee
            {
                Value = Address(address),
                CommonName = name is not null && address == recipients.To[0] ? Name(name) : null,
                ParticipationStatus = EventParticipationStatus.Accepted,
                Rsvp = false,
            });
        }
        var calendar = new Calendar { ProductId = "-//BookSaga//Bookings//EN", Method = cancelled ? CalendarMethods.Cancel : CalendarMethods.Request };
        calendar.Events.Add(appointment);
        return new CalendarSerializer().SerializeToString(calendar) ?? throw new InvalidOperationException("nothing was serialized");
    }

    private static CalDateTime Utc(DateTimeOffset time) => new(time.UtcDateTime);

    // RFC 6068: what a local part may hold and an URI may not is escaped; a domain has an ASCII form. Null for an address that is no URI even so.
    private static Uri? Address(string address)
    {
        string ascii = MailboxAddress.EncodeAddrspec(address);
        int at = ascii.LastIndexOf('@');
        return Uri.TryCreate($"mailto:{Uri.EscapeDataString(ascii[..at])}@{ascii[(at + 1)..]}", UriKind.Absolute, out Uri? uri) ? uri : null;
    }

    // RFC 5545, 3.2: a parameter's value has no quotes.
    private static string Name(string? name) => Layout.Line(name).Replace('"', '\'');
}
