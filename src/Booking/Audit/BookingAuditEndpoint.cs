using BookSaga.Contracts.Audit;
using BookSaga.Hosting.Data;
using Grpc.Core;
using Npgsql;

namespace BookSaga.Booking.Audit;

/// <summary>What the auditor asks of booking.</summary>
internal sealed class BookingAuditEndpoint(NpgsqlDataSource db) : BookingAudit.BookingAuditBase
{
    private const string ClaimsSql = """
        SELECT r.booking_id, r.state, coalesce(o.status, ''), coalesce(o.booking_id = r.booking_id, false)
        FROM reservation r LEFT JOIN offer o ON o.id = r.offer_id
        WHERE r.booking_id > $1 AND r.booking_id <= $2
        """;

    // One offer, one winner; and an offer that is held or sold has the claim that says so.
    private const string CheckSql = """
        SELECT 'one_winner', 'offer ' || offer_id, count(*) || ' live claims' FROM reservation WHERE live GROUP BY offer_id HAVING count(*) > 1
        UNION ALL
        SELECT 'nothing_hangs', 'offer ' || o.id, 'reserved without a held claim' FROM offer o
        WHERE o.status = 'reserved' AND NOT EXISTS (SELECT FROM reservation r WHERE r.booking_id = o.booking_id AND r.state = 'held')
        UNION ALL
        SELECT 'paid_means_paid', 'offer ' || o.id, 'paid without a paid claim' FROM offer o
        WHERE o.status IN ('paid', 'completed') AND NOT EXISTS (SELECT FROM reservation r WHERE r.booking_id = o.booking_id AND r.state = 'paid')
        LIMIT 100
        """;

    public override async Task<ClaimFacts> Claims(BookingRange request, ServerCallContext context) => new()
    {
        Facts =
        {
            await db.QueryAsync(
                ClaimsSql,
                row => new ClaimFact { BookingId = row.GetGuid(0).ToString(), State = row.GetString(1), OfferStatus = row.GetString(2), HasOffer = row.GetBoolean(3) },
                context.CancellationToken, Guid.Parse(request.After), Guid.Parse(request.Until)),
        },
    };

    public override async Task<Violations> Check(CheckRequest request, ServerCallContext context) => new()
    {
        Violations_ =
        {
            await db.QueryAsync(
                CheckSql, row => new Violation { Invariant = row.GetString(0), Subject = row.GetString(1), Detail = row.GetString(2) }, context.CancellationToken),
        },
    };
}
