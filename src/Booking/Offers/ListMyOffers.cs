using BookSaga.Contracts;
using BookSaga.Hosting.Auth;
using BookSaga.Hosting.Data;
using BookSaga.Hosting.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;

namespace BookSaga.Booking.Offers;

/// <summary>GET /customer/offers/my: the offers that the caller holds, has paid, or had when they were closed; newest datetime first.</summary>
internal static class ListMyOffers
{
    private const string Sql = "SELECT * FROM offer_view WHERE customer_id = $1 ORDER BY datetime DESC, id DESC LIMIT $2 OFFSET $3";

    internal static void Map(IEndpointRouteBuilder routes) => routes.MapGet("/customer/offers/my", HandleAsync).WithSummary("Offers that I hold, have paid or had, newest first");

    private static async Task<Ok<List<Offer>>> HandleAsync(Caller caller, Page page, Language language, NpgsqlDataSource db, CancellationToken ct) =>
        TypedResults.Ok(await db.QueryAsync(Sql, row => OfferRow.Public(row, language.Code), ct, caller.Id, page.Limit, page.Offset));
}
