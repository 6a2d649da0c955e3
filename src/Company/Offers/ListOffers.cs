using BookSaga.Company.Managers;
using BookSaga.Contracts.Booking;
using BookSaga.Hosting.Auth;
using BookSaga.Hosting.Http;
using Npgsql;

namespace BookSaga.Company.Offers;

/// <summary>GET /company/{id}/offers: all offers of the company in every status, newest datetime first, for its managers.</summary>
/// <remarks>404 company not found. 403 forbidden.</remarks>
internal static class ListOffers
{
    internal static void Map(IEndpointRouteBuilder company) =>
        company.MapGet("/{id:long}/offers", HandleAsync).WithSummary("All of the company's offers, newest first").Produces<Contracts.Offer[]>();

    private static async Task<IResult> HandleAsync(
        long id, Page page, Language language, Caller caller, NpgsqlDataSource db, Neighbours neighbours, CancellationToken ct)
    {
        if (await Rights.RefusalAsync(db, id, caller, Roles.Manager, ct) is { } refusal)
        {
            return refusal;
        }
        OffersJson offers = await neighbours.Offers.ListByCompanyAsync(
            new Contracts.Booking.ListOffers { CompanyId = id, Page = page.Number, Limit = page.Limit, Language = language.Code },
            deadline: neighbours.Deadline(), cancellationToken: ct);
        return TypedResults.Text(offers.Json, "application/json");
    }
}
