using BookSaga.Hosting.Data;
using BookSaga.Hosting.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;

namespace BookSaga.Customer.Operators;

/// <summary>GET /operator/journal: what operators did, newest first. The database refuses to change or delete a line.</summary>
internal static class Journal
{
    /// <summary>Inserts a line: <c>$1</c> who, <c>$2</c> their address, <c>$3</c> what, <c>$4</c> to what, <c>$5</c> why.</summary>
    internal const string InsertSql = "INSERT INTO operator_action (operator_id, operator_email, action, target, reason) VALUES ($1, $2, $3, $4, $5)";

    private const string Columns = "at, operator_id, operator_email, action, target, reason";
    private const string ListSql = $"SELECT {Columns} FROM operator_action ORDER BY id DESC LIMIT $1 OFFSET $2";
    private const string OfTargetSql = $"SELECT {Columns} FROM operator_action WHERE target = $1 ORDER BY id";

    /// <param name="At">When, UTC.</param>
    /// <param name="OperatorId">Who.</param>
    /// <param name="OperatorEmail">Their mail address at the time.</param>
    /// <param name="Action"><c>retry</c>, <c>cancel</c>, <c>replay</c> or <c>resend</c>.</param>
    /// <param name="Target">The booking's id, <c>service/id</c> of a dead letter, or <c>mail/id</c>.</param>
    /// <param name="Reason">Their words.</param>
    internal sealed record Line(DateTimeOffset At, Guid OperatorId, string OperatorEmail, string Action, string Target, string Reason);

    internal static void Map(IEndpointRouteBuilder operators) => operators.MapGet("/journal", HandleAsync).WithSummary("What operators did, newest first");

    internal static Task<List<Line>> OfAsync(NpgsqlDataSource db, string target, CancellationToken ct) => db.QueryAsync(OfTargetSql, Read, ct, target);

    private static async Task<Ok<List<Line>>> HandleAsync(Page page, NpgsqlDataSource db, CancellationToken ct) =>
        TypedResults.Ok(await db.QueryAsync(ListSql, Read, ct, page.Limit, page.Offset));

    private static Line Read(System.Data.Common.DbDataReader row) =>
        new(row.GetFieldValue<DateTimeOffset>(0), row.GetGuid(1), row.GetString(2), row.GetString(3), row.GetString(4), row.GetString(5));
}
