using BookSaga.Hosting.Auth;
using BookSaga.Hosting.Data;
using BookSaga.Hosting.Http;
using BookSaga.Hosting.Idempotency;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;

namespace BookSaga.Payment.Accounts;

/// <summary>POST /customer/payment/top-up: adds <c>amount</c> to the caller's balance and answers with it.</summary>
/// <remarks>400 amount is required, invalid amount (not above 0, more than two decimals, above a billion). 404 account not found.</remarks>
internal static class TopUp
{
    internal sealed record Request(decimal? Amount);

    private const string Sql = "SELECT balance_minor FROM top_up($1, $2, $3)";

    internal static void Map(IEndpointRouteBuilder routes) => routes.MapPost("/top-up", HandleAsync).WithSummary("Add money to my balance").WithIdempotencyKey();

    private static async Task<Results<Ok<GetBalance.Balance>, ProblemHttpResult>> HandleAsync(
        Request? body, Caller caller, HttpContext context, NpgsqlDataSource db, CancellationToken ct)
    {
        if (body?.Amount is not { } amount)
        {
            return Problems.BadRequest("amount is required");
        }
        if (!Money.TryToMinor(amount, out long minor))
        {
            return Problems.BadRequest("invalid amount", detail: "The amount must be above 0, at most 1000000000, with at most two decimals.");
        }
        return await db.QueryFirstAsync<long?>(Sql, row => row.GetInt64(0), ct, context.OperationId(), caller.Id, minor) is { } balance
            ? TypedResults.Ok(new GetBalance.Balance(Money.ToMajor(balance)))
            : Problems.NotFound("account not found");
    }
}
