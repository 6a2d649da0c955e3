using BookSaga.Hosting.Data;
using BookSaga.Hosting.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;

namespace BookSaga.Payment.Ledger;

/// <summary>GET /ledger/blocks/{number}: one block's header; no token.</summary>
/// <remarks>404 block not found.</remarks>
internal static class GetBlock
{
    private const string Sql = $"SELECT {Block.Columns} FROM block WHERE number = $1";

    internal static void Map(IEndpointRouteBuilder routes) => routes.MapGet("/ledger/blocks/{number:long}", HandleAsync).WithSummary("One block of the ledger").AllowAnonymous();

    private static async Task<Results<Ok<Block.BlockView>, ProblemHttpResult>> HandleAsync(long number, NpgsqlDataSource db, CancellationToken ct) =>
        await db.QueryFirstAsync(Sql, Block.Read, ct, number) is { } block
            ? TypedResults.Ok(block.ToView())
            : Problems.NotFound("block not found");
}
