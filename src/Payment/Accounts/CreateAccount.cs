using BookSaga.Hosting.Auth;
using BookSaga.Hosting.Data;
using BookSaga.Hosting.Http;
using BookSaga.Hosting.Idempotency;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;

namespace BookSaga.Payment.Accounts;

/// <summary>POST /customer/payment/create-account: the caller's account, at 0; a repeat finds it as it is.</summary>
internal static class CreateAccount
{
    private const string Sql = """
        INSERT INTO account (kind, customer_id, balance_minor) SELECT 'customer', $1, 0 WHERE NOT EXISTS (SELECT FROM erased_person WHERE user_id = $1)
        ON CONFLICT (customer_id) DO NOTHING
        """;

    internal static void Map(IEndpointRouteBuilder routes) => routes.MapPost("/create-account", HandleAsync).WithSummary("Open my account").WithIdempotencyKey();

    private static async Task<Created<GetBalance.Balance>> HandleAsync(Caller caller, NpgsqlDataSource db, CancellationToken ct)
    {
        await db.ExecuteAsync(Sql, ct, caller.Id);
        long balance = await GetBalance.ReadAsync(db, caller.Id, ct) ?? 0;
        return TypedResults.Created("/api/v1/customer/payment/balance", new GetBalance.Balance(Money.ToMajor(balance)));
    }
}
