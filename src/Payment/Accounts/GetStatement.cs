using System.ComponentModel;
using BookSaga.Contracts;
using BookSaga.Hosting.Auth;
using BookSaga.Hosting.Data;
using BookSaga.Hosting.Http;
using Npgsql;

namespace BookSaga.Payment.Accounts;

/// <summary>GET /customer/payment/transactions.csv: the caller's statement as a file, oldest first; all of it, or <c>from</c> … <c>to</c> (inclusive).</summary>
/// <remarks>400: from or to is no time.</remarks>
internal static class GetStatement
{
    private const string Sql = $"""
        SELECT {TransactionRow.Columns}, t.balance_after FROM transfer t
        WHERE t.customer_id = $1 AND t.type <> 'retained' AND t.created_at >= $2 AND t.created_at <= $3
        ORDER BY t.seq
        """;

    private const int PieceSize = 500;

    internal static void Map(IEndpointRouteBuilder routes) => routes.MapGet("/transactions.csv", HandleAsync).WithSummary("My statement as a CSV file, oldest first")
        .Produces<string>(StatusCodes.Status200OK, "text/csv");

    private static async Task HandleAsync(
        [Description("RFC 3339, inclusive.")] string? from, [Description("RFC 3339, inclusive.")] string? to, Caller caller, HttpContext context, NpgsqlDataSource db, CancellationToken ct)
    {
        DateTimeOffset first = QueryValues.Time("from", from) ?? DateTimeOffset.MinValue;
        DateTimeOffset last = QueryValues.Time("to", to) ?? DateTimeOffset.MaxValue;
        // The first piece before the first byte: a database that is away is 503, not half a file.
        await using IAsyncEnumerator<Transaction[]> pieces =
            db.StreamAsync(Sql, row => TransactionRow.Read(row, row.GetInt64(8)), ct, caller.Id, first, last).Chunk(PieceSize).GetAsyncEnumerator(ct);
        bool more = await pieces.MoveNextAsync();
        Attachment.Begin(context, StatementCsv.ContentType, "transactions.csv");
        await context.Response.WriteAsync(StatementCsv.Header, ct);
        for (; more; more = await pieces.MoveNextAsync())
        {
            await context.Response.WriteAsync(StatementCsv.Lines(pieces.Current, ofCompany: false), ct);
        }
    }
}
