using BookSaga.Company.Managers;
using BookSaga.Contracts.Payment;
using BookSaga.Hosting.Auth;
using BookSaga.Hosting.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;

namespace BookSaga.Company.Payments;

/// <summary>GET /company/{id}/payment/balance: what the company has, in major units: <c>balance</c> = <c>earned</c> − <c>refunded</c>; for its managers.</summary>
/// <remarks>404 company not found. 403 forbidden.</remarks>
internal static class GetBalance
{
    internal sealed record Response(decimal Balance, decimal Earned, decimal Refunded);

    internal static void Map(IEndpointRouteBuilder company) => company.MapGet("/{id:long}/payment/balance", HandleAsync).WithSummary("What the company has earned");

    private static async Task<Results<Ok<Response>, ProblemHttpResult>> HandleAsync(
        long id, Caller caller, NpgsqlDataSource db, Neighbours neighbours, CancellationToken ct)
    {
        if (await Rights.RefusalAsync(db, id, caller, Roles.Manager, ct) is { } refusal)
        {
            return refusal;
        }
        CompanyBalanceReply reply = await neighbours.Payments.CompanyBalanceAsync(
            new CompanyKey { CompanyId = id }, deadline: neighbours.Deadline(), cancellationToken: ct);
        return TypedResults.Ok(new Response(Money.ToMajor(reply.BalanceMinor), Money.ToMajor(reply.EarnedMinor), Money.ToMajor(reply.RefundedMinor)));
    }
}
