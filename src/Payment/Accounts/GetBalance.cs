using BookSaga.Hosting.Auth;
using BookSaga.Hosting.Data;
using BookSaga.Hosting.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;

namespace BookSaga.Payment.Accounts;

/// <summary>GET /customer/payment/balance: the caller's balance in major units.</summary>
/// <remarks>404 account not found.</remarks>
internal static class GetBalance
{
    /// <param name="Amount">In major units.</param>
    internal sealed record Balance([property: System.Text.Json.Serialization.JsonPropertyName("balance")] decimal Amount);

    private const string Sql = "SELECT balance_minor FROM account WHERE customer_id = $1";

    internal static void Map(IEndpointRouteBuilder routes) => routes.MapGet("/balance", HandleAsync).WithSummary("My balance");

    /// <summary>The balance in minor units; null without an account.</summary>
    internal static Task<long?> ReadAsync(NpgsqlDataSource db, Guid customer, CancellationToken ct) =>
        db.QueryFirstAsync<long?>(Sql, row => row.GetInt64(0), ct, customer);

    private static async Task<Results<Ok<Balance>, ProblemHttpResult>> HandleAsync(Caller caller, NpgsqlDataSource db, CancellationToken ct) =>
        await ReadAsync(db, caller.Id, ct) is { } minor
            ? TypedResults.Ok(new Balance(Money.ToMajor(minor)))
            : Problems.NotFound("account not found");
}
