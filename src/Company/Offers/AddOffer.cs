using BookSaga.Company.Companies;
using BookSaga.Company.Managers;
using BookSaga.Contracts;
using BookSaga.Contracts.Booking;
using BookSaga.Hosting.Auth;
using BookSaga.Hosting.Http;
using BookSaga.Hosting.Idempotency;
using Google.Protobuf.WellKnownTypes;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;

namespace BookSaga.Company.Offers;

/// <summary>POST /company/{id}/offers: a manager posts one bookable time; 201 with the offer and its address.</summary>
/// <remarks>
/// 404 company not found. 403 forbidden. 400 company_id, service_id, price and datetime are required; invalid offer (price not above 0 or with
/// more than two decimals, datetime not RFC 3339 or past, description too long); service not found. A <c>company_id</c> in the body is ignored: the path rules.
/// </remarks>
internal static class AddOffer
{
    internal sealed record Request(long? ServiceId, decimal? Price, string? Datetime, string? Description);

    internal const int MaxDescription = 2000;

    internal static void Map(IEndpointRouteBuilder company) =>
        company.MapPost("/{id:long}/offers", HandleAsync).WithSummary("Post an offer").WithIdempotencyKey().Produces<Offer>(StatusCodes.Status201Created);

    private static async Task<IResult> HandleAsync(
        long id, Request? body, Caller caller, Language language, NpgsqlDataSource db, CompanyChanges changes, Neighbours neighbours, HttpContext context, CancellationToken ct)
    {
        if (await Rights.RefusalAsync(db, id, caller, Roles.Manager, ct) is { } refusal)
        {
            return refusal;
        }
        if (Read(body, out Contracts.Booking.AddOffer command) is { } problem)
        {
            return problem;
        }
        command.CompanyId = id;
        command.CreatedBy = caller.Id.ToString();
        command.OperationId = context.OperationId().ToString();
        command.Language = language.Code;
        command.CompanyJson = Json.Write(await changes.SnapshotAsync(id, ct));
        AddOfferReply reply = await neighbours.Offers.AddAsync(command, deadline: neighbours.Deadline(), cancellationToken: ct);
        switch (reply.Code)
        {
            case AddOfferReply.Types.Code.Added:
                context.Response.Headers.Location = $"/api/v1/offers/{reply.Id}";
                return TypedResults.Text(reply.OfferJson, "application/json", statusCode: StatusCodes.Status201Created);
            case AddOfferReply.Types.Code.ServiceNotFound:
                return Problems.BadRequest("service not found");
            case AddOfferReply.Types.Code.InThePast:
                return Problems.BadRequest("invalid offer", detail: "datetime must be in the future");
            default:
                throw Neighbours.Unplanned(reply.Code);
        }
    }

    private static ProblemHttpResult? Read(Request? body, out Contracts.Booking.AddOffer command)
    {
        command = new Contracts.Booking.AddOffer { Description = Text.Clean(body?.Description) };
        if (body is not { ServiceId: { } serviceId, Price: { } price, Datetime: { } datetime } || string.IsNullOrWhiteSpace(datetime))
        {
            return Problems.BadRequest("company_id, service_id, price and datetime are required");
        }
        if (!Money.TryToMinor(price, out long priceMinor))
        {
            return Problems.BadRequest("invalid offer", detail: "price must be above 0 with at most two decimals");
        }
        if (!Json.TryParseTime(datetime.Trim(), out DateTimeOffset time))
        {
            return Problems.BadRequest("invalid offer", detail: "datetime must be an RFC 3339 time with an offset, such as 2030-01-31T10:00:00Z");
        }
        if (Text.Check("description", command.Description, MaxDescription) is { } unfit)
        {
            return Problems.BadRequest("invalid offer", detail: unfit.ProblemDetails.Detail);
        }
        if (serviceId is < 1 or > int.MaxValue)
        {
            return Problems.BadRequest("service not found");
        }
        (command.ServiceId, command.PriceMinor, command.Datetime) = ((int)serviceId, priceMinor, Timestamp.FromDateTimeOffset(time));
        return null;
    }
}
