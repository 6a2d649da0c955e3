using BookSaga.Contracts.Customer;
using BookSaga.Hosting.Data;
using Grpc.Core;
using Npgsql;

namespace BookSaga.Customer.Profiles;

/// <summary>Reminders.Describe: whether bookings still stand and what their clients want, asked right before a reminder is written.</summary>
internal sealed class RemindersEndpoint(NpgsqlDataSource db, UnsubscribeTokens tokens) : Contracts.Customer.Reminders.RemindersBase
{
    // A cancellation under way may still be refused, so it is neither yes nor no.
    private const string Sql = """
        SELECT b.id, b.customer_id,
               CASE WHEN b.status = 'paid' AND EXISTS (SELECT FROM cancellation c WHERE c.booking_id = b.id AND c.live) THEN 'cancelling' ELSE b.status END,
               coalesce(r.day_before, true), coalesce(r.hour_before, true), coalesce(p.locale, ''), coalesce(p.time_zone, '')
        FROM booking b LEFT JOIN reminder_choice r ON r.customer_id = b.customer_id LEFT JOIN profile p ON p.id = b.customer_id
        WHERE b.id = ANY($1)
        """;

    public override async Task<ReminderFacts> Describe(ReminderBookings request, ServerCallContext context)
    {
        CancellationToken ct = context.CancellationToken;
        List<(Guid Customer, ReminderFact Fact)> rows = await db.QueryAsync(
            Sql,
            row => (row.GetGuid(1), new ReminderFact
            {
                BookingId = row.GetGuid(0).ToString(), Status = row.GetString(2), DayBefore = row.GetBoolean(3), HourBefore = row.GetBoolean(4),
                Locale = row.GetString(5), TimeZone = row.GetString(6),
            }),
            ct, request.BookingIds.Select(Guid.Parse).ToArray());
        foreach ((Guid customer, ReminderFact fact) in rows)
        {
            fact.UnsubscribeToken = await tokens.OfAsync(customer, ct);
        }
        return new ReminderFacts { Facts = { rows.Select(r => r.Fact) } };
    }
}
