using System.Globalization;
using System.Text.RegularExpressions;
using BookSaga.Contracts;
using Microsoft.Extensions.Options;

namespace BookSaga.Notification.Mails;

/// <summary>Writes the mails of one event: to the company where it or its managers can be reached, and to the client.</summary>
internal sealed partial class BookingMails(IOptions<MailOptions> options)
{
    private const string Client = "client";
    private const string Company = "company";

    /// <summary>The mails of <paramref name="booking"/>, whose offer was held.</summary>
    internal IReadOnlyList<Mail> Write(Guid eventId, Outcome outcome, BookingFinished booking)
    {
        OfferSnapshot snapshot = booking.Snapshot ?? throw new ArgumentException("no snapshot", nameof(booking));
        List<Mail> mails = [];
        Recipients company = Recipients.Of(snapshot.Company);
        if (company.To.Count > 0)
        {
            string? name = company.To.Count == 1 && company.To[0] == snapshot.Company.Email ? snapshot.Company.Name : null;
            mails.Add(Write(eventId, Company, outcome, booking, snapshot, name, company));
        }
        if (Recipients.IsAddress(booking.Customer.Email))
        {
            mails.Add(Write(eventId, Client, outcome, booking, snapshot, FullName(booking.Customer), new Recipients([booking.Customer.Email], [])));
        }
        return mails;
    }

    private Mail Write(Guid eventId, string audience, Outcome outcome, BookingFinished booking, OfferSnapshot snapshot, string? name, Recipients recipients)
    {
        bool toClient = audience == Client;
        Texts texts = Texts.In(toClient && Locale(booking.Customer) is { } own ? own : options.Value.Language);
        Letter letter = (toClient ? texts.Client : texts.Company)[outcome];
        string service = ServiceName(snapshot, texts.Code);
        string hello = Layout.Line(booking.Customer.FirstName) is { Length: > 0 } first ? $"{texts.Hello}, {first}!" : $"{texts.Hello}!";
        var content = new Content(
            texts.Code,
            outcome switch { Outcome.Paid => "#1f8a4c", Outcome.Failed => "#c0392b", _ => "#b7791f" },
            letter.Title,
            toClient ? [hello, letter.Intro] : [letter.Intro],
            [.. Rows(texts, toClient, outcome, booking, snapshot, service)],
            letter.Note,
            texts.Footer);
        return new Mail(
            eventId,
            audience,
            snapshot.Company.Id,
            $"{eventId:N}.{audience}@{options.Value.Sender.Domain}",
            texts.Code,
            name is null ? null : Layout.Line(name),
            recipients.To,
            recipients.Cc,
            Layout.Line($"{letter.Title}: {service}, {snapshot.Company.Name}"),
            Layout.Text(content),
            Layout.Html(content));
    }

    private IEnumerable<(string Label, string Value)> Rows(
        Texts texts, bool toClient, Outcome outcome, BookingFinished booking, OfferSnapshot snapshot, string service)
    {
        Labels labels = texts.Labels;
        TimeZoneInfo house = Zones.Find(options.Value.TimeZone) ?? TimeZoneInfo.Utc;
        TimeZoneInfo clients = Zones.Find(booking.Customer.TimeZone) ?? house;
        yield return (labels.Service, service);
        yield return (labels.Company, snapshot.Company.Name);
        yield return (labels.Address, snapshot.Company.Address);
        yield return (labels.Phone, snapshot.Company.Phone);
        yield return (labels.Time, Zones.Format(snapshot.Offer.Datetime, toClient ? clients : house, texts));
        if (!toClient && clients.Id != house.Id)
        {
            yield return (labels.ClientTime, Zones.Format(snapshot.Offer.Datetime, clients, texts));
        }
        yield return (labels.Price, Amount(booking.PriceMinor, texts));
        if (outcome == Outcome.Cancelled)
        {
            yield return (labels.CancelledBy, booking.CancelledBy == Company ? texts.TheCompany : toClient ? texts.You : texts.TheClient);
            yield return (labels.Refunded, booking.RefundedMinor > 0 ? Amount(booking.RefundedMinor, texts) : texts.Nothing);
        }
        if (outcome != Outcome.Paid)
        {
            yield return (labels.Reason, Reason(booking, texts));
        }
        if (!toClient)
        {
            yield return (labels.ClientName, FullName(booking.Customer));
            yield return (labels.ClientEmail, booking.Customer.Email);
        }
        yield return (labels.Offer, booking.OfferId.ToString(CultureInfo.InvariantCulture));
        yield return (labels.Booking, booking.BookingId.ToString());
    }

    // A company's own words stand as they are, even when they look like a code.
    private static string Reason(BookingFinished booking, Texts texts) => booking.Reason switch
    {
        null or "" => texts.NoReason,
        string words when booking.CancelledBy == Company => words,
        string code when texts.Reasons.TryGetValue(code, out string? sentence) => sentence,
        string code when Code().IsMatch(code) => $"{texts.OtherReason} ({code}).",
        string words => words,
    };

    private string Amount(long minor, Texts texts)
    {
        (long whole, long hundredths) = Math.DivRem(minor, 100);
        string fraction = hundredths == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $"{texts.DecimalSeparator}{hundredths:00}");
        return string.Create(CultureInfo.InvariantCulture, $"{whole}{fraction} {options.Value.Currency}");
    }

    private static string ServiceName(OfferSnapshot snapshot, string language) =>
        snapshot.ServiceNames?.GetValueOrDefault(language) is { Length: > 0 } name ? name : snapshot.Offer.ServiceName;

    private static string FullName(BookingCustomer customer) => Layout.Line($"{customer.FirstName} {customer.LastName}");

    private static string? Locale(BookingCustomer customer) => customer.Locale?.Split('-', '_')[0] switch
    {
        "ru" => "ru",
        "en" => "en",
        _ => null,
    };

    [GeneratedRegex("^[a-z0-9_]+\\z")]
    private static partial Regex Code();
}
