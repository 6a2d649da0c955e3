using BookSaga.Contracts;
using BookSaga.Contracts.Booking;
using BookSaga.Hosting.Data;
using BookSaga.Hosting.Http;
using Npgsql;

namespace BookSaga.Booking.Offers;

/// <summary>Offers.ListByCompany: all of a company's offers with their clients, newest datetime first.</summary>
internal static class ListCompanyOffers
{
    private const string Sql = "SELECT * FROM offer_view WHERE company_id = $1 ORDER BY datetime DESC, id DESC LIMIT $2 OFFSET $3";

    internal static async Task<OffersJson> HandleAsync(ListOffers request, NpgsqlDataSource db, CancellationToken ct)
    {
        var page = new Page(request.Page, request.Limit);
        List<Offer> offers = await db.QueryAsync(Sql, row => OfferRow.Company(row, request.Language), ct, request.CompanyId, page.Limit, page.Offset);
        return new OffersJson { Json = Json.Write(offers) };
    }
}
