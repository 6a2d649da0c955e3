using BookSaga.Booking.Companies;
using BookSaga.Contracts;
using BookSaga.Contracts.Booking;
using BookSaga.Hosting.Data;
using Npgsql;

namespace BookSaga.Booking.Offers;

/// <summary>Offers.Add: a company posts an offer; a repeat under the same operation id gives the offer that is there.</summary>
internal static class PostOffer
{
    private const string InsertSql = $"""
        WITH fresh AS (
            INSERT INTO offer_operation (operation_id, offer_id) SELECT $7, {PostOffers.NextId} WHERE EXISTS (SELECT FROM service WHERE id = $2)
            ON CONFLICT (operation_id) DO NOTHING
            RETURNING offer_id
        )
        INSERT INTO offer (id, company_id, service_id, price_minor, datetime, description, created_by, updated_by) OVERRIDING SYSTEM VALUE
        SELECT offer_id, $1, $2, $3, $4, $5, $6, $6 FROM fresh
        """;

    private const string ReadSql = "SELECT v.* FROM offer_view v JOIN offer_operation o ON o.offer_id = v.id WHERE o.operation_id = $1 AND v.company_id = $2";

    internal static async Task<AddOfferReply> HandleAsync(AddOffer request, NpgsqlDataSource db, BookingOptions options, TimeProvider time, CancellationToken ct)
    {
        var operation = Guid.Parse(request.OperationId);
        DateTimeOffset datetime = request.Datetime.ToDateTimeOffset();
        if (datetime <= time.GetUtcNow() && !options.AllowPast)
        {
            // A repeat is answered as it was, also when the time has come meanwhile.
            return await FindAsync() is { } there ? Added(there) : new AddOfferReply { Code = AddOfferReply.Types.Code.InThePast };
        }
        await CompanyChangedHandler.StoreAsync(db, Json.Read<CompanyChanged>(request.CompanyJson), ct);
        await db.ExecuteAsync(
            InsertSql, ct, request.CompanyId, request.ServiceId, request.PriceMinor, datetime, request.Description, Guid.Parse(request.CreatedBy), operation);
        return await FindAsync() is { } offer ? Added(offer) : new AddOfferReply { Code = AddOfferReply.Types.Code.ServiceNotFound };

        Task<Offer?> FindAsync() => db.QueryFirstAsync(ReadSql, row => OfferRow.Company(row, request.Language), ct, operation, request.CompanyId);
    }

    private static AddOfferReply Added(Offer offer) => new() { Code = AddOfferReply.Types.Code.Added, Id = offer.Id, OfferJson = Json.Write(offer) };
}
