using System.Data.Common;
using BookSaga.Contracts;
using BookSaga.Hosting.Http;

namespace BookSaga.Booking.Offers;

/// <summary>The order of a search.</summary>
internal enum SearchOrder
{
    /// <summary>Earliest first.</summary>
    Datetime,

    /// <summary>Cheapest first.</summary>
    Price,

    /// <summary>Nearest first.</summary>
    Distance,
}

/// <summary>Searches by more than a category: first the listings, then their offers.</summary>
internal static class FilteredSearch
{
    // Each of few listings gives its own page from an index. Where more than this many fit, offers are read in the order of time until a page is full: every
    // few of them fit. At a thousandth of all listings both ways cost the same, some 10 ms.
    private const int FewListings = 2000;

    // The columns of offer_view, and behind them the distance.
    private const int DistanceColumn = 19;

    internal static async Task<List<Offer>> RunAsync(
        ListingFilter filter, SearchOrder order, DateTimeOffset first, DateTimeOffset last, Page page, string language, CatalogueQueries catalogue, CancellationToken ct)
    {
        bool few = order != SearchOrder.Datetime || await CountAsync(filter, catalogue, ct) <= FewListings;
        List<object?> args = [first, last, (long)page.Limit, page.Offset];
        string sql = few ? ByListing(filter, order, args) : ByTime(filter, args);
        return await catalogue.AllAsync(sql, row => Read(row, language), ct, [.. args]);
    }

    private static async Task<long> CountAsync(ListingFilter filter, CatalogueQueries catalogue, CancellationToken ct)
    {
        List<object?> args = [FewListings + 1];
        string sql = $"SELECT count(*) FROM (SELECT FROM listing l JOIN company c ON c.id = l.company_id WHERE {filter.Condition(args)} LIMIT $1) fit";
        return (await catalogue.AllAsync(sql, row => row.GetInt64(0), ct, [.. args]))[0];
    }

    private static string ByListing(ListingFilter filter, SearchOrder order, List<object?> args)
    {
        string key = order switch { SearchOrder.Price => "price_minor, ", SearchOrder.Distance => "km, ", _ => "" };
        // In the order of the key already, so that the page is full before all listings are asked.
        string sorted = key.Length > 0 ? "ORDER BY " + key.TrimEnd(',', ' ') : "";
        return $"""
            WITH page AS (
                SELECT o.id, o.datetime, l.price_minor, l.km
                FROM (SELECT l.id, l.price_minor, {filter.Distance(args)} AS km FROM listing l JOIN company c ON c.id = l.company_id WHERE {filter.Condition(args)} {sorted}) l
                CROSS JOIN LATERAL (
                    SELECT id, datetime FROM offer WHERE listing_id = l.id AND is_open AND datetime >= $1 AND datetime <= $2 ORDER BY datetime, id LIMIT $3 + $4
                ) o
                ORDER BY {key}datetime, id LIMIT $3 OFFSET $4
            )
            SELECT v.*, page.km FROM page JOIN offer_view v ON v.id = page.id ORDER BY {key.Replace("price", "page.price", StringComparison.Ordinal)}v.datetime, v.id
            """;
    }

    private static string ByTime(ListingFilter filter, List<object?> args) => $"""
        WITH page AS (
            SELECT o.id, {filter.Distance(args)} AS km
            FROM offer o JOIN listing l ON l.id = o.listing_id JOIN company c ON c.id = l.company_id
            WHERE o.is_open AND o.datetime >= $1 AND o.datetime <= $2 AND {filter.Condition(args)}
            ORDER BY o.datetime, o.id LIMIT $3 OFFSET $4
        )
        SELECT v.*, page.km FROM page JOIN offer_view v ON v.id = page.id ORDER BY v.datetime, v.id
        """;

    private static Offer Read(DbDataReader row, string language)
    {
        Offer offer = OfferRow.Public(row, language);
        return row.IsDBNull(DistanceColumn) ? offer : offer with { DistanceKm = Math.Round(row.GetDouble(DistanceColumn), 2) };
    }
}
