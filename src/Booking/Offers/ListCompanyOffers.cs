using BookSaga.Contracts;
using BookSaga.Contracts.Booking;
using BookSaga.Hosting.Data;
using BookSaga.Hosting.Http;
using Npgsql;

namespace BookSaga.Booking.Offers;

/// <summary>Offers.ListByCompany: a company's offers with their clients, by datetime; all, or of some statuses and times.</summary>
internal static class ListCompanyOffers
{
    private const string Sql = """
        SELECT * FROM offer_view
        WHERE company_id = $1 AND datetime >= $4 AND datetime <= $5 AND ($6::text[] IS NULL OR status = ANY ($6))
        ORDER BY datetime DESC, id DESC LIMIT $2 OFFSET $3
        """;

    private static readonly string AscendingSql = Sql.Replace(" DESC", "", StringComparison.Ordinal);

    internal static async Task<OffersJson> HandleAsync(ListOffers request, NpgsqlDataSource db, CancellationToken ct)
    {
        var page = new Page(request.Page, request.Limit);
        List<Offer> offers = await db.QueryAsync(
            request.Ascending ? AscendingSql : Sql,
            row => OfferRow.Company(row, request.Language), ct, request.CompanyId, page.Limit, page.Offset,
            request.From?.ToDateTimeOffset() ?? DateTimeOffset.MinValue,
            request.To?.ToDateTimeOffset() ?? DateTimeOffset.MaxValue,
            new NpgsqlParameter { Value = request.Statuses.Count == 0 ? DBNull.Value : request.Statuses.ToArray(), NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Array | NpgsqlTypes.NpgsqlDbType.Text });
        return new OffersJson { Json = Json.Write(offers) };
    }
}
