using BookSaga.Contracts;
using Microsoft.Extensions.Options;
using static BookSaga.Notification.Mails.MailKinds;

namespace BookSaga.Notification.Mails;

/// <summary>Writes mails: of an event to the company, where it or its managers can be reached, and to the client; reminders to the client.</summary>
internal sealed class BookingMails(IOptions<MailOptions> options)
{
    private MailOptions Options => options.Value;

    /// <summary>The mails of <paramref name="booking"/>, whose offer was held.</summary>
    internal IReadOnlyList<Mail> Write(Guid eventId, Outcome outcome, BookingFinished booking)
    {
        OfferSnapshot snapshot = Snapshot(booking);
        List<Mail> mails = [];
        Recipients company = Recipients.Of(snapshot.Company);
        if (company.To.Count > 0)
        {
            string? name = company.To.Count == 1 && company.To[0] == snapshot.Company.Email ? snapshot.Company.Name : null;
            mails.Add(Write(eventId, Company, outcome, booking, name, company));
        }
        if (Recipients.IsAddress(booking.Customer.Email))
        {
            mails.Add(ToClient(eventId, outcome, booking));
        }
        return mails;
    }

    /// <summary>A reminder of <paramref name="booking"/> to its client, or null when they have no address.</summary>
    /// <param name="reminderId">In the place of an event's id.</param>
    /// <param name="kind">How long before.</param>
    /// <param name="booking">With the client's language and time zone as they are now.</param>
    /// <param name="unsubscribeToken">For the link that ends reminders.</param>
    /// <param name="expiresAt">When it says nothing new any more.</param>
    internal Mail? Remind(Guid reminderId, Outcome kind, BookingFinished booking, string unsubscribeToken, DateTimeOffset expiresAt) =>
        Recipients.IsAddress(booking.Customer.Email)
            ? ToClient(reminderId, kind, booking, Options.Link("/api/v1/customer/reminders/unsubscribe/" + unsubscribeToken)) with { ExpiresAt = expiresAt }
            : null;

    private Mail ToClient(Guid eventId, Outcome outcome, BookingFinished booking, string? unsubscribe = null) =>
        Write(eventId, Client, outcome, booking, FullName(booking.Customer), new Recipients([booking.Customer.Email], []), unsubscribe);

    private Mail Write(Guid eventId, string audience, Outcome outcome, BookingFinished booking, string? name, Recipients recipients, string? unsubscribe = null)
    {
        OfferSnapshot snapshot = Snapshot(booking);
        bool toClient = audience == Client;
        Texts texts = Texts.In(toClient && Locale(booking.Customer) is { } own ? own : Options.Language);
        Letter letter = (toClient ? texts.Client : texts.Company)[outcome];
        string service = ServiceName(snapshot, texts.Code);
        string hello = Layout.Line(booking.Customer.FirstName) is { Length: > 0 } first ? $"{texts.Hello}, {first}!" : $"{texts.Hello}!";
        string? link = toClient && outcome != Outcome.Failed ? Options.Link($"/bookings/{booking.BookingId}") : null;
        var content = new Content(
            texts.Code,
            outcome switch { Outcome.Paid => "#1f8a4c", Outcome.Failed => "#c0392b", Outcome.Cancelled => "#b7791f", _ => "#2a4bd7" },
            letter.Title,
            toClient ? [hello, letter.Intro] : [letter.Intro],
            [.. new Details(Options, texts, toClient).Rows(outcome, booking, service)],
            link is null ? null : (texts.OpenBooking, link),
            letter.Note,
            texts.Footer,
            unsubscribe is null ? null : (texts.NoMoreReminders, unsubscribe));
        return new Mail(
            eventId,
            audience,
            outcome.Name(),
            snapshot.Company.Id,
            $"{eventId:N}.{audience}@{Options.Sender.Domain}",
            texts.Code,
            name is null ? null : Layout.Line(name),
            recipients.To,
            recipients.Cc,
            Layout.Line($"{letter.Title}: {service}, {snapshot.Company.Name}"),
            Layout.Text(content),
            Layout.Html(content),
            outcome is Outcome.Paid or Outcome.Cancelled
                ? CalendarFile.Write(outcome, booking, toClient ? snapshot.Company.Name : FullName(booking.Customer), service, name, recipients, link, Options)
                : null,
            unsubscribe);
    }

    private static OfferSnapshot Snapshot(BookingFinished booking) => booking.Snapshot ?? throw new ArgumentException("no snapshot", nameof(booking));

    private static string ServiceName(OfferSnapshot snapshot, string language) =>
        snapshot.ServiceNames?.GetValueOrDefault(language) is { Length: > 0 } name ? name : snapshot.Offer.ServiceName;

    /// <summary>Both names on one line.</summary>
    internal static string FullName(BookingCustomer customer) => Layout.Line($"{customer.FirstName} {customer.LastName}");

    private static string? Locale(BookingCustomer customer) => customer.Locale?.Split('-', '_')[0] switch
    {
        "ru" => "ru",
        "en" => "en",
        _ => null,
    };
}
