using BookSaga.Contracts;
using BookSaga.Hosting.Auth;
using BookSaga.Hosting.Data;
using BookSaga.Hosting.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;

namespace BookSaga.Payment.Accounts;

/// <summary>GET /customer/payment/transactions: the caller's statement, newest first: top-ups, payments, refunds and refused attempts.</summary>
internal static class ListTransactions
{
    private const string Sql = $"""
        SELECT {TransactionRow.Columns}, t.balance_after FROM transfer t
        WHERE t.customer_id = $1 AND t.type <> 'retained'
        ORDER BY t.seq DESC LIMIT $2 OFFSET $3
        """;

    private const string AllSql = $"SELECT {TransactionRow.Columns}, t.balance_after FROM transfer t WHERE t.customer_id = $1 AND t.type <> 'retained' ORDER BY t.seq DESC";

    internal static void Map(IEndpointRouteBuilder routes) => routes.MapGet("/transactions", HandleAsync).WithSummary("My statement, newest first");

    /// <summary>All of a customer's statement, as it is read.</summary>
    internal static IAsyncEnumerable<Transaction> AllAsync(NpgsqlDataSource db, Guid customer, CancellationToken ct) =>
        db.StreamAsync(AllSql, row => TransactionRow.Read(row, row.GetInt64(8)), ct, customer);

    private static async Task<Ok<List<Transaction>>> HandleAsync(Caller caller, Page page, NpgsqlDataSource db, CancellationToken ct) =>
        TypedResults.Ok(await db.QueryAsync(Sql, row => TransactionRow.Read(row, row.GetInt64(8)), ct, caller.Id, page.Limit, page.Offset));
}
