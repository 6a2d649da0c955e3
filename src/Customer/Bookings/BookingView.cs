using System.Data.Common;
using System.Diagnostics;
using System.Text.Json.Serialization;
using BookSaga.Contracts;
using BookSaga.Hosting.Data;
using BookSaga.Hosting.Http;

namespace BookSaga.Customer.Bookings;

/// <summary>The public booking object.</summary>
/// <param name="Id">The booking's id, which is its saga's.</param>
/// <param name="OfferId">The offer that was asked for.</param>
/// <param name="Offer">The offer as it was when it was held; null when it never was.</param>
/// <param name="Status"><c>pending</c>, <c>paid</c>, <c>failed</c>, <c>cancelled</c> or <c>completed</c>.</param>
/// <param name="Reason">Why it failed or was cancelled.</param>
/// <param name="Price">In major units; null when the offer was never held.</param>
/// <param name="RefundableUntil">Until when a cancellation returns the whole price, UTC.</param>
/// <param name="CreatedAt">When the client asked, UTC.</param>
/// <param name="FinishedAt">When the outcome was durable, UTC.</param>
/// <param name="Timeline">Every step with its time and where the money is; only for one booking.</param>
internal sealed record BookingView(
    Guid Id,
    long OfferId,
    Offer? Offer,
    string Status,
    string? Reason,
    decimal? Price,
    DateTimeOffset? RefundableUntil,
    DateTimeOffset CreatedAt,
    DateTimeOffset? FinishedAt,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<TimelineEntry>? Timeline = null)
{
    /// <summary>The columns that <see cref="Read"/> takes, of the table <c>booking b</c>.</summary>
    internal const string Columns = """
        b.id, b.offer_id, b.status, b.reason, b.price_minor, b.snapshot::text, b.refundable_until, b.created_at, b.finished_at,
        CASE WHEN b.status = 'cancelled' THEN (SELECT c.created_at FROM cancellation c WHERE c.booking_id = b.id) END
        """;

    /// <summary>The column after them.</summary>
    internal const int ColumnCount = 10;

    internal static BookingView Read(DbDataReader row, string language)
    {
        string status = row.GetString(2);
        string? reason = row.Nullable<string>(3);
        return new BookingView(
            row.GetGuid(0),
            row.GetInt64(1),
            OfferOf(row.Nullable<string>(5) is { } json ? Json.Read<OfferSnapshot>(json) : null, status, reason, row.Nullable<DateTimeOffset?>(9), language),
            status,
            reason,
            row.Nullable<long?>(4) is { } price ? Money.ToMajor(price) : null,
            row.Nullable<DateTimeOffset?>(6),
            row.GetFieldValue<DateTimeOffset>(7),
            row.Nullable<DateTimeOffset?>(8));
    }

    /// <summary>The booking as its last commit has it, without asking for what was just written.</summary>
    internal static BookingView Of(BookOffer saga, BookingEnd end, string language)
    {
        string status = end.Reason is null ? "paid" : "failed";
        return new BookingView(
            saga.Id,
            saga.OfferId,
            OfferOf(saga.Snapshot, status, end.Reason, cancelledAt: null, language),
            status,
            end.Reason,
            saga.Held is { } held ? Money.ToMajor(held.PriceMinor) : null,
            saga.RefundableUntil,
            saga.CreatedAt ?? throw new UnreachableException("a stored booking has its time"),
            end.FinishedAt);
    }

    private static Offer? OfferOf(OfferSnapshot? snapshot, string status, string? reason, DateTimeOffset? cancelledAt, string language) => snapshot is null
        ? null
        : snapshot.Offer with { ServiceName = snapshot.ServiceNames[language], Status = OfferStatus(status, reason, over: cancelledAt >= snapshot.Offer.Datetime) };

    // The offer as this booking left it; what others did with it later is theirs.
    private static string OfferStatus(string booking, string? reason, bool over) => booking switch
    {
        "pending" => "reserved",
        "paid" or "completed" => booking,
        "cancelled" when reason == "canceled_by_company" || over => reason!,
        "failed" when reason == BookingReasons.OfferWithdrawn => "canceled_by_company",
        _ => "open",
    };
}
