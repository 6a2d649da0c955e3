using System.Globalization;

namespace BookSaga.Web.Pages.Business;

/// <summary>Addresses of the pages for companies.</summary>
public static class BusinessRoutes
{
    public const string Home = "/business";
    public const string New = "/business/new";
    public const string Start = "/business/{Id:long}/start";
    public const string Calendar = "/business/{Id:long}";
    public const string NewOffer = "/business/{Id:long}/offers/new";
    public const string Weekly = "/business/{Id:long}/offers/weekly";
    public const string WeeklyBatch = "/business/{Id:long}/offers/weekly/{Batch:guid}";
    public const string Offer = "/business/{Id:long}/offers/{OfferId:long}";
    public const string CancelOffer = "/business/{Id:long}/offers/{OfferId:long}/cancel";
    public const string Bookings = "/business/{Id:long}/bookings";
    public const string Money = "/business/{Id:long}/money";
    public const string Statement = "/business/{id:long}/money.csv";
    public const string Team = "/business/{Id:long}/team";
    public const string RemoveManager = "/business/{Id:long}/team/{ManagerId:long}/remove";
    public const string Mail = "/business/{Id:long}/mail";
    public const string Webhooks = "/business/{Id:long}/webhooks";
    public const string Webhook = "/business/{Id:long}/webhooks/{WebhookId:long}";
    public const string RemoveWebhook = "/business/{Id:long}/webhooks/{WebhookId:long}/remove";
    public const string Settings = "/business/{Id:long}/settings";

    /// <summary>A page of a company: <c>Of(7, "money")</c>.</summary>
    public static string Of(long company, string page = "") => Invariant($"/business/{company}{(page.Length == 0 ? "" : "/" + page)}");

    public static string OfferOf(long company, long offer) => Invariant($"/business/{company}/offers/{offer}");

    public static string WebhookOf(long company, long webhook) => Invariant($"/business/{company}/webhooks/{webhook}");

    /// <summary>The calendar with this day in it.</summary>
    public static string DayOf(long company, DateOnly day, string view = "day") => Invariant($"/business/{company}?view={view}&day={day:yyyy-MM-dd}");

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
