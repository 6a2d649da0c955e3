using BookSaga.Contracts;
using BookSaga.Hosting.Data;
using BookSaga.Hosting.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;

namespace BookSaga.Booking.Offers;

/// <summary>GET /offers/{id}: one offer, whatever its status, while its company is active; no token.</summary>
/// <remarks>404 offer not found.</remarks>
internal static class GetOffer
{
    private const string Sql = "SELECT * FROM offer_view WHERE id = $1 AND (active OR status <> 'open')";

    internal static void Map(IEndpointRouteBuilder routes) => routes.MapGet("/offers/{id:long}", HandleAsync).WithSummary("One offer").AllowAnonymous();

    private static async Task<Results<Ok<Offer>, ProblemHttpResult>> HandleAsync(long id, Language language, NpgsqlDataSource db, CancellationToken ct) =>
        await db.QueryFirstAsync(Sql, row => OfferRow.Public(row, language.Code), ct, id) is { } offer
            ? TypedResults.Ok(offer)
            : Problems.NotFound("offer not found");
}
