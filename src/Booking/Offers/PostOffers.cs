using BookSaga.Booking.Companies;
using BookSaga.Contracts;
using BookSaga.Contracts.Booking;
using BookSaga.Hosting.Data;
using Npgsql;

namespace BookSaga.Booking.Offers;

/// <summary>Offers.AddMany: times of one service, in one commit. A time at which the company has such an offer is passed over; a repeat under the same operation ids adds nothing.</summary>
internal static class PostOffers
{
    /// <summary>An offer's id is drawn by its operation, which is written first.</summary>
    internal const string NextId = "nextval(pg_get_serial_sequence('offer', 'id'))";

    // One company's calls queue, so that two patterns at once do not both find a time free.
    private const string LockSql = "SELECT pg_advisory_xact_lock(hashtextextended('offers of company ' || $1::bigint, 0))";

    private const string ServiceSql = "SELECT EXISTS (SELECT FROM service WHERE id = $1)";

    private const string StateSql = """
        SELECT CASE WHEN EXISTS (SELECT FROM offer_operation o WHERE o.operation_id = i.operation_id) THEN 'added'
                    WHEN EXISTS (SELECT FROM offer o WHERE o.company_id = $1 AND o.datetime = i.datetime AND o.service_id = $2 AND o.status IN ('open', 'reserved', 'paid')) THEN 'exists'
                    ELSE 'free' END
        FROM unnest($3, $4) WITH ORDINALITY AS i (operation_id, datetime, ord) ORDER BY i.ord
        """;

    private const string InsertSql = $"""
        WITH fresh AS (
            INSERT INTO offer_operation (operation_id, offer_id) SELECT i.operation_id, {NextId} FROM unnest($3) AS i (operation_id)
            ON CONFLICT (operation_id) DO NOTHING
            RETURNING operation_id, offer_id
        )
        INSERT INTO offer (id, company_id, service_id, price_minor, datetime, description, created_by, updated_by) OVERRIDING SYSTEM VALUE
        SELECT DISTINCT ON (f.offer_id) f.offer_id, $1, $2, $5, i.datetime, $6, $7, $7 FROM unnest($3, $4) AS i (operation_id, datetime) JOIN fresh f ON f.operation_id = i.operation_id
        """;

    internal static async Task<AddOffersReply> HandleAsync(AddOffers request, NpgsqlDataSource db, BookingOptions options, TimeProvider time, CancellationToken ct)
    {
        if (!await db.QueryFirstAsync(ServiceSql, row => row.GetBoolean(0), ct, request.ServiceId))
        {
            return new AddOffersReply { Code = AddOffersReply.Types.Code.ServiceNotFound };
        }
        if (!request.DryRun)
        {
            await CompanyChangedHandler.StoreAsync(db, Json.Read<CompanyChanged>(request.CompanyJson), ct);
        }
        (Guid Operation, DateTimeOffset Datetime)[] items = [.. request.Items.Select(i => (Guid.Parse(i.OperationId), i.Datetime.ToDateTimeOffset()))];
        await using NpgsqlConnection connection = await db.OpenConnectionAsync(ct);
        await using NpgsqlTransaction transaction = await connection.BeginTransactionAsync(ct);
        await using NpgsqlCommand exclusive = connection.Sql(LockSql, request.CompanyId);
        await exclusive.ExecuteNonQueryAsync(ct);
        object?[] times = [request.CompanyId, request.ServiceId, items.Select(i => i.Operation).ToArray(), items.Select(i => i.Datetime).ToArray()];
        await using NpgsqlCommand state = connection.Sql(StateSql, times);
        List<string> found = await state.ReadAllAsync(row => row.GetString(0), ct);
        DateTimeOffset earliest = options.AllowPast ? DateTimeOffset.MinValue : time.GetUtcNow();
        AddOffersReply.Types.Item[] outcomes = [.. found.Zip(items, (what, item) => what switch
        {
            "added" => AddOffersReply.Types.Item.Added,
            _ when item.Datetime <= earliest => AddOffersReply.Types.Item.InThePast,
            "exists" => AddOffersReply.Types.Item.Exists,
            _ => AddOffersReply.Types.Item.Added,
        })];
        if (!request.DryRun)
        {
            (Guid Operation, DateTimeOffset Datetime)[] wanted = [.. items.Where((_, i) => outcomes[i] == AddOffersReply.Types.Item.Added)];
            await using NpgsqlCommand insert = connection.Sql(
                InsertSql, request.CompanyId, request.ServiceId, wanted.Select(i => i.Operation).ToArray(), wanted.Select(i => i.Datetime).ToArray(),
                request.PriceMinor, request.Description, Guid.Parse(request.CreatedBy));
            await insert.ExecuteNonQueryAsync(ct);
            await transaction.CommitAsync(ct);
        }
        return new AddOffersReply { Code = AddOffersReply.Types.Code.Done, Items = { outcomes } };
    }
}
