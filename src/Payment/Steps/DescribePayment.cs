using BookSaga.Contracts.Payment;
using BookSaga.Hosting.Data;
using Google.Protobuf.WellKnownTypes;
using Npgsql;

namespace BookSaga.Payment.Steps;

/// <summary>Payments.Describe: what is recorded of a booking's money, with times, for its timeline.</summary>
internal static class DescribePayment
{
    private const string Sql = """
        SELECT p.status, coalesce(p.reason, ''), p.amount_minor, p.created_at, c.type, c.created_at
        FROM transfer p LEFT JOIN transfer c ON c.id = p.id AND c.type IN ('refund', 'retained')
        WHERE p.id = $1 AND p.type = 'payment' AND p.customer_id = $2
        """;

    internal static async Task<PaymentDescription> HandleAsync(BookingKey key, NpgsqlDataSource db, CancellationToken ct) =>
        await db.QueryFirstAsync(
            Sql,
            row => new PaymentDescription
            {
                Decision = row.GetString(0) == "completed" ? "charged" : "refused",
                Reason = row.GetString(1),
                AmountMinor = row.GetInt64(2),
                DecidedAt = Timestamp.FromDateTimeOffset(row.GetFieldValue<DateTimeOffset>(3)),
                ClosedAs = row.Nullable<string>(4) switch { "refund" => "refunded", { } kept => kept, null => "" },
                ClosedAt = row.Nullable<DateTimeOffset?>(5) is { } closed ? Timestamp.FromDateTimeOffset(closed) : null,
            },
            ct, Guid.Parse(key.BookingId), Guid.Parse(key.CustomerId))
        ?? new PaymentDescription();
}
