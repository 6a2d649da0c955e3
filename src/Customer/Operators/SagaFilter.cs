using BookSaga.Customer.Sagas;
using BookSaga.Hosting.Http;
using Npgsql;
using NpgsqlTypes;

namespace BookSaga.Customer.Operators;

/// <summary>Which sagas: every part that is given must hold. The names are those of the query string and of the bulk request's <c>filter</c>.</summary>
/// <param name="Kind"><c>booking</c> or <c>cancellation</c>.</param>
/// <param name="State"><c>live</c>, <c>stuck</c>, <c>paid</c>, <c>failed</c>, <c>completed</c>, <c>cancelled</c> or <c>refused</c>.</param>
/// <param name="Step">The command at which the last drive gave up, such as <c>ChargeCustomer</c>.</param>
/// <param name="MinAgeSeconds">Begun at least so long ago.</param>
/// <param name="CustomerId">Whose booking.</param>
/// <param name="CompanyId">Whose offer; known once the offer was held and the booking has ended.</param>
/// <param name="OfferId">Which offer.</param>
/// <param name="BookingId">Which booking.</param>
internal sealed record SagaFilter(
    string? Kind = null, string? State = null, string? Step = null, long? MinAgeSeconds = null, Guid? CustomerId = null, long? CompanyId = null, long? OfferId = null, Guid? BookingId = null)
{
    /// <summary>Live and tried so often, or so old, that somebody should look: with <c>$1</c> attempts and <c>$2</c> age.</summary>
    internal const string StuckSql = "(live AND (attempts >= $1 OR created_at <= now() - $2))";

    /// <summary>For <c>WHERE</c>, with <see cref="Values"/> as <c>$1…$10</c>.</summary>
    internal const string Sql = $"""
        ($3::text IS NULL OR kind = $3)
        AND CASE $4::text WHEN 'live' THEN live WHEN 'stuck' THEN {StuckSql} ELSE $4 IS NULL OR status = $4 END
        AND ($5::text IS NULL OR last_step = $5)
        AND ($6::bigint IS NULL OR created_at <= now() - $6 * interval '1 second')
        AND ($7::uuid IS NULL OR customer_id = $7)
        AND ($8::bigint IS NULL OR company_id = $8)
        AND ($9::bigint IS NULL OR offer_id = $9)
        AND ($10::uuid IS NULL OR id = $10)
        """;

    private static readonly string[] Kinds = ["booking", "cancellation"];
    private static readonly string[] States = ["live", "stuck", "paid", "failed", "completed", "cancelled", "refused"];

    /// <summary>Checks the words.</summary>
    /// <exception cref="InvalidParameterException">One of them is unknown.</exception>
    internal SagaFilter Checked()
    {
        OneOf("kind", Kind, Kinds);
        OneOf("state", State, States);
        return MinAgeSeconds is < 0 or > 1_000_000_000 ? throw new InvalidParameterException("min_age_seconds must be from 0 to 1000000000") : this;
    }

    /// <summary>The values of <see cref="Sql"/>'s parameters.</summary>
    internal object?[] Values(SagaOptions options, params object?[] more) =>
    [
        options.StuckAfterAttempts, options.StuckAfter, Of(Kind, NpgsqlDbType.Text), Of(State, NpgsqlDbType.Text), Of(Step, NpgsqlDbType.Text), Of(MinAgeSeconds, NpgsqlDbType.Bigint),
        Of(CustomerId, NpgsqlDbType.Uuid), Of(CompanyId, NpgsqlDbType.Bigint), Of(OfferId, NpgsqlDbType.Bigint), Of(BookingId, NpgsqlDbType.Uuid), .. more,
    ];

    private static NpgsqlParameter Of(object? value, NpgsqlDbType type) => new() { Value = value ?? DBNull.Value, NpgsqlDbType = type };

    private static void OneOf(string name, string? value, string[] known)
    {
        if (value is not null && !known.Contains(value))
        {
            throw new InvalidParameterException($"{name} must be one of {string.Join(", ", known)}");
        }
    }
}
