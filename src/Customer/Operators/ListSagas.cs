using BookSaga.Customer.Sagas;
using BookSaga.Hosting.Data;
using BookSaga.Hosting.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Options;
using Npgsql;

namespace BookSaga.Customer.Operators;

/// <summary>GET /operator/sagas: bookings and cancellations, newest first, by any of <see cref="SagaFilter"/>. GET /operator/sagas/summary: how many of each.</summary>
/// <remarks>400: an unknown kind or state, or a number that is none.</remarks>
internal static class ListSagas
{
    private const string ListSql = $"SELECT {SagaRow.Columns} FROM saga WHERE {SagaFilter.Sql} ORDER BY id DESC, kind DESC LIMIT $11 OFFSET $12";

    private const string LiveSql = $"""
        SELECT kind, coalesce(last_step, ''), count(*), count(*) FILTER (WHERE {SagaFilter.StuckSql}), min(created_at),
               count(*) FILTER (WHERE created_at <= now() - interval '1 minute'), count(*) FILTER (WHERE created_at <= now() - interval '10 minutes')
        FROM saga WHERE live GROUP BY 1, 2 ORDER BY 1, 2
        """;

    /// <param name="Kind"><c>booking</c> or <c>cancellation</c>.</param>
    /// <param name="Step">The command at which their last drive gave up; empty: none has.</param>
    /// <param name="Live">How many.</param>
    /// <param name="Stuck">Of those, stuck.</param>
    /// <param name="Oldest">When the oldest began, UTC.</param>
    /// <param name="OverMinute">Of those, begun a minute ago or more.</param>
    /// <param name="OverTenMinutes">Of those, begun ten minutes ago or more.</param>
    internal sealed record LiveSagas(string Kind, string Step, long Live, long Stuck, DateTimeOffset Oldest, long OverMinute, long OverTenMinutes);

    internal static void Map(IEndpointRouteBuilder operators)
    {
        operators.MapGet("/sagas", ListAsync).WithSummary("Sagas by state, step, age, customer, company, offer; newest first");
        operators.MapGet("/sagas/summary", SummarizeAsync).WithSummary("Live sagas by kind and step, with the oldest");
    }

    private static async Task<Ok<List<SagaRow>>> ListAsync(
        string? kind, string? state, string? step, [FromQuery(Name = "min_age_seconds")] long? minAgeSeconds, [FromQuery(Name = "customer_id")] Guid? customerId,
        [FromQuery(Name = "company_id")] long? companyId, [FromQuery(Name = "offer_id")] long? offerId, [FromQuery(Name = "booking_id")] Guid? bookingId,
        Page page, NpgsqlDataSource db, IOptions<SagaOptions> options, CancellationToken ct)
    {
        SagaFilter filter = new SagaFilter(kind, state, step, minAgeSeconds, customerId, companyId, offerId, bookingId).Checked();
        return TypedResults.Ok(await db.QueryAsync(ListSql, SagaRow.Read, ct, filter.Values(options.Value, page.Limit, page.Offset)));
    }

    private static async Task<Ok<List<LiveSagas>>> SummarizeAsync(NpgsqlDataSource db, IOptions<SagaOptions> options, CancellationToken ct) =>
        TypedResults.Ok(await db.QueryAsync(
            LiveSql, row => new LiveSagas(row.GetString(0), row.GetString(1), row.GetInt64(2), row.GetInt64(3), row.GetFieldValue<DateTimeOffset>(4), row.GetInt64(5), row.GetInt64(6)),
            ct, options.Value.StuckAfterAttempts, options.Value.StuckAfter));
}
