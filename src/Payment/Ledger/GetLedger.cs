using BookSaga.Hosting.Data;
using BookSaga.Hosting.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;

namespace BookSaga.Payment.Ledger;

/// <summary>GET /ledger: the ledger's state as of its latest block, for anyone to note; no token.</summary>
internal static class GetLedger
{
    /// <param name="TrialBalance">The sum of all postings: 0.</param>
    /// <param name="Transfers">How many transfers the blocks seal.</param>
    /// <param name="Block">The latest block; null before the first.</param>
    internal sealed record Ledger(decimal TrialBalance, long Transfers, Block.BlockView? Block);

    internal static void Map(IEndpointRouteBuilder routes) => routes.MapGet("/ledger", HandleAsync).WithSummary("The ledger's balance and latest block").AllowAnonymous();

    private static async Task<Ok<Ledger>> HandleAsync(NpgsqlDataSource db, CancellationToken ct)
    {
        Block? head = await db.QueryFirstAsync(Block.HeadSql, Block.Read, ct);
        return TypedResults.Ok(new Ledger(Money.ToMajor(head?.TrialBalance ?? 0), head?.Transfers ?? 0, head?.ToView()));
    }
}
