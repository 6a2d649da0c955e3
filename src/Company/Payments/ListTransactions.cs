using BookSaga.Company.Managers;
using BookSaga.Contracts;
using BookSaga.Contracts.Payment;
using BookSaga.Hosting.Auth;
using BookSaga.Hosting.Http;
using Npgsql;

namespace BookSaga.Company.Payments;

/// <summary>GET /company/{id}/payment/transactions: what clients paid the company and what was refunded, newest first, for its managers.</summary>
/// <remarks>404 company not found. 403 forbidden.</remarks>
internal static class ListTransactions
{
    internal static void Map(IEndpointRouteBuilder company) => company.MapGet("/{id:long}/payment/transactions", HandleAsync).WithSummary("The company's statement, newest first").Produces<Transaction[]>();

    private static async Task<IResult> HandleAsync(long id, Page page, Caller caller, NpgsqlDataSource db, Neighbours neighbours, CancellationToken ct)
    {
        if (await Rights.RefusalAsync(db, id, caller, Roles.Manager, ct) is { } refusal)
        {
            return refusal;
        }
        TransactionsJson transactions = await neighbours.Payments.CompanyTransactionsAsync(
            new CompanyKey { CompanyId = id, Page = page.Number, Limit = page.Limit }, deadline: neighbours.Deadline(), cancellationToken: ct);
        return TypedResults.Text(transactions.Json, "application/json");
    }
}
