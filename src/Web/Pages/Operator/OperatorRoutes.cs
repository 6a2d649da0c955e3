using System.Globalization;

namespace BookSaga.Web.Pages.Operator;

/// <summary>Addresses of the pages for operators.</summary>
public static class OperatorRoutes
{
    public const string Transactions = "/operator";
    public const string Saga = "/operator/sagas/{Id:guid}";
    public const string Cancel = "/operator/sagas/{Id:guid}/cancel";
    public const string Bulk = "/operator/bulk";
    public const string Integrity = "/operator/integrity";
    public const string Queues = "/operator/queues";
    public const string Mails = "/operator/mails";
    public const string Resend = "/operator/mails/{BookingId:guid}/{Id:long}";
    public const string Journal = "/operator/journal";
    public const string Pulse = "/operator/pulse";

    public static string SagaOf(Guid id) => $"/operator/sagas/{id}";

    public static string CancelOf(Guid id) => $"/operator/sagas/{id}/cancel";

    public static string MailsOf(Guid booking) => $"/operator/mails?booking_id={booking}";

    public static string ResendOf(Guid booking, long id) => string.Create(CultureInfo.InvariantCulture, $"/operator/mails/{booking}/{id}");
}
