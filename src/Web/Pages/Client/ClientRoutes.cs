using System.Globalization;

namespace BookSaga.Web.Pages.Client;

/// <summary>Addresses of the pages for clients.</summary>
public static class ClientRoutes
{
    public const string Search = "/";
    public const string Offer = "/offers/{Id:long}";
    public const string Company = "/companies/{Id:long}";
    public const string Bookings = "/bookings";
    public const string Booking = "/bookings/{Id:guid}";
    public const string CancelBooking = Booking + "/cancel";
    public const string Receipt = Booking + "/receipt";
    public const string ReceiptFile = "/bookings/{id:guid}/receipt.json";
    public const string CalendarFile = "/bookings/{id:guid}/calendar.ics";
    public const string Wallet = "/wallet";
    public const string StatementFile = "/wallet/statement.csv";
    public const string Account = "/account";
    public const string Phone = "/account/phone";
    public const string Export = "/account/export.json";
    public const string DeleteAccount = "/account/delete";
    public const string Deleted = "/account-deleted";
    public const string SignUp = "/sign-up";

    public static string OfferOf(long id) => string.Create(CultureInfo.InvariantCulture, $"/offers/{id}");

    public static string CompanyOf(long id) => string.Create(CultureInfo.InvariantCulture, $"/companies/{id}");

    public static string BookingOf(Guid id) => $"/bookings/{id}";
}
