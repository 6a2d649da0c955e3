using System.Globalization;
using System.Text.RegularExpressions;
using BookSaga.Contracts;

namespace BookSaga.Notification.Mails;

/// <summary>The rows of a mail: what, where, when, how much, why, who.</summary>
internal sealed partial class Details(MailOptions options, Texts texts, bool toClient)
{
    internal IEnumerable<(string Label, string Value)> Rows(Outcome outcome, BookingFinished booking, string service)
    {
        Labels labels = texts.Labels;
        OfferSnapshot snapshot = booking.Snapshot!;
        TimeZoneInfo house = Zones.Find(options.TimeZone) ?? TimeZoneInfo.Utc;
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
        yield return (labels.Price, Amount(booking.PriceMinor));
        if (outcome == Outcome.Cancelled)
        {
            yield return (labels.CancelledBy, booking.CancelledBy == MailKinds.Company ? texts.TheCompany : toClient ? texts.You : texts.TheClient);
            yield return (labels.Refunded, booking.RefundedMinor > 0 ? Amount(booking.RefundedMinor) : texts.Nothing);
        }
        if (outcome is Outcome.Failed or Outcome.Cancelled)
        {
            yield return (labels.Reason, Reason(booking));
        }
        if (!toClient)
        {
            yield return (labels.ClientName, BookingMails.FullName(booking.Customer));
            yield return (labels.ClientEmail, booking.Customer.Email);
        }
        yield return (labels.Offer, booking.OfferId.ToString(CultureInfo.InvariantCulture));
        yield return (labels.Booking, booking.BookingId.ToString());
    }

    // A company's own words stand as they are, even when they look like a code.
    private string Reason(BookingFinished booking) => booking.Reason switch
    {
        null or "" => texts.NoReason,
        string words when booking.CancelledBy == MailKinds.Company => words,
        string code when texts.Reasons.TryGetValue(code, out string? sentence) => sentence,
        string code when Code().IsMatch(code) => $"{texts.OtherReason} ({code}).",
        string words => words,
    };

    private string Amount(long minor)
    {
        (long whole, long hundredths) = Math.DivRem(minor, 100);
        string fraction = hundredths == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $"{texts.DecimalSeparator}{hundredths:00}");
        return string.Create(CultureInfo.InvariantCulture, $"{whole}{fraction} {options.Currency}");
    }

    [GeneratedRegex("^[a-z0-9_]+\\z")]
    private static partial Regex Code();
}
