using System.Data.Common;
using BookSaga.Contracts;
using BookSaga.Hosting.Data;
using BookSaga.Hosting.Http;

namespace BookSaga.Booking.Offers;

/// <summary>Reads the view <c>offer_view</c> into the public offer object.</summary>
internal static class OfferRow
{
    /// <summary>What a public list or a customer sees: neither the client nor who changed it.</summary>
    internal static Offer Public(DbDataReader row, string language) => Company(row, language) with { Customer = null, UpdatedBy = null };

    /// <summary>What the company sees.</summary>
    /// <param name="row">The row; the view's columns start at <paramref name="first"/>.</param>
    /// <param name="language"><c>ru</c> or <c>en</c>.</param>
    /// <param name="first">The column of the offer's id.</param>
    internal static Offer Company(DbDataReader row, string language, int first = 0) => new(
        row.GetInt64(first),
        row.GetInt32(first + 1),
        row.GetString(language == "en" ? first + 3 : first + 2),
        row.Nullable<string>(first + 16) is { } customer ? Json.Read<BookingCustomer>(customer) : null,
        row.GetInt64(first + 4),
        row.GetString(first + 5),
        row.Nullable<double[]>(first + 6),
        row.GetFieldValue<DateTimeOffset>(first + 7),
        row.GetString(first + 8),
        Money.ToMajor(row.GetInt64(first + 9)),
        row.GetString(first + 10),
        row.Nullable<string>(first + 11),
        row.GetGuid(first + 12),
        row.Nullable<Guid?>(first + 13),
        row.GetFieldValue<DateTimeOffset>(first + 14),
        row.GetFieldValue<DateTimeOffset>(first + 15));
}
