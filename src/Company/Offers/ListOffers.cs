using System.ComponentModel;
using BookSaga.Company.Managers;
using BookSaga.Contracts.Booking;
using BookSaga.Hosting.Auth;
using BookSaga.Hosting.Http;
using Google.Protobuf.WellKnownTypes;
using Npgsql;

namespace BookSaga.Company.Offers;

/// <summary>
/// GET /company/{id}/offers: offers of the company in every status, newest datetime first, for its managers. <c>from</c> and <c>to</c> (inclusive),
/// <c>status</c> (repeated or separated by commas) and <c>sort</c> (<c>asc</c>, <c>desc</c>) are optional.
/// </summary>
/// <remarks>404 company not found. 403 forbidden. 400: a parameter that is not what it should be.</remarks>
internal static class ListOffers
{
    private static readonly string[] s_statuses = ["open", "reserved", "paid", "submitted", "completed", "canceled_by_customer", "canceled_by_company"];

    internal static void Map(IEndpointRouteBuilder company) =>
        company.MapGet("/{id:long}/offers", HandleAsync).WithSummary("The company's offers, newest first").Produces<Contracts.Offer[]>();

    private static async Task<IResult> HandleAsync(
        long id,
        [Description("RFC 3339, inclusive.")] string? from,
        [Description("RFC 3339, inclusive.")] string? to,
        [Description("Repeated, or separated by commas.")] string[]? status,
        [Description("asc, or desc unless given.")] string? sort,
        Page page, Language language, Caller caller, NpgsqlDataSource db, Neighbours neighbours, CancellationToken ct)
    {
        var request = new Contracts.Booking.ListOffers
        {
            CompanyId = id,
            Page = page.Number,
            Limit = page.Limit,
            Language = language.Code,
            From = Time("from", from),
            To = Time("to", to),
            Statuses = { QueryValues.Choices("status", status, s_statuses) },
            Ascending = sort switch
            {
                null or "" or "desc" => false,
                "asc" => true,
                _ => throw new InvalidParameterException("sort must be asc or desc"),
            },
        };
        if (await Rights.RefusalAsync(db, id, caller, Roles.Manager, ct) is { } refusal)
        {
            return refusal;
        }
        OffersJson offers = await neighbours.Offers.ListByCompanyAsync(request, deadline: neighbours.Deadline(), cancellationToken: ct);
        return TypedResults.Text(offers.Json, "application/json");
    }

    private static Timestamp? Time(string name, string? text) => QueryValues.Time(name, text) is { } time ? Timestamp.FromDateTimeOffset(time) : null;
}
