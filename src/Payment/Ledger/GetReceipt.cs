using System.Diagnostics;
using BookSaga.Hosting.Auth;
using BookSaga.Hosting.Data;
using BookSaga.Hosting.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;

namespace BookSaga.Payment.Ledger;

/// <summary>
/// GET /customer/payment/receipts/{bookingId}: what is recorded of the money of one of the caller's bookings, with the proof that it
/// is in the ledger's blocks. Anybody can check it without us: docs/verify-receipt.py.
/// </summary>
/// <remarks>404 payment not found, also for somebody else's. 409 not_sealed_yet with Retry-After: in a second it is.</remarks>
internal static class GetReceipt
{
    /// <param name="BookingId">The booking.</param>
    /// <param name="Transfers">The payment and what closed it: a refund, or <c>retained</c> (kept by the company).</param>
    internal sealed record Receipt(Guid BookingId, IReadOnlyList<ReceiptEntry> Transfers);

    /// <param name="Seq">The transfer's number.</param>
    /// <param name="Type"><c>payment</c>, <c>refund</c> or <c>retained</c>.</param>
    /// <param name="Status"><c>completed</c> or <c>refused</c>.</param>
    /// <param name="Amount">In major units.</param>
    /// <param name="CreatedAt">When it was recorded, UTC, with microseconds as it is hashed.</param>
    /// <param name="Postings">How the money moved; none when it did not.</param>
    /// <param name="Canonical">The text that is hashed.</param>
    /// <param name="LeafHash">Its hash.</param>
    /// <param name="Index">Its place in the block, from 0.</param>
    /// <param name="Path">The hashes beside the way from it up to the block's Merkle root.</param>
    /// <param name="Block">The block that seals it.</param>
    internal sealed record ReceiptEntry(
        long Seq, string Type, string Status, decimal Amount, string CreatedAt, IReadOnlyList<ReceiptPosting> Postings,
        string Canonical, string LeafHash, int Index, IReadOnlyList<string> Path, Block.BlockView Block);

    /// <param name="Kind">Whose account: <c>customer</c> is the caller's.</param>
    /// <param name="Account">The account's number.</param>
    /// <param name="Amount">What it gains, in major units.</param>
    internal sealed record ReceiptPosting(string Kind, long Account, decimal Amount);

    private const string TransfersSql = "SELECT seq FROM transfer WHERE id = $1 AND customer_id = $2 AND type NOT IN ('top-up', 'forfeit') ORDER BY seq";

    private const string BlockSql = $"SELECT {Block.Columns} FROM block WHERE last_seq >= $1 ORDER BY last_seq LIMIT 1";

    internal static void Map(IEndpointRouteBuilder routes) => routes.MapGet("/receipts/{bookingId:guid}", HandleAsync).WithSummary("The receipt of one of my payments, with its proof");

    private static async Task<Results<Ok<Receipt>, ProblemHttpResult>> HandleAsync(
        Guid bookingId, Caller caller, HttpContext context, NpgsqlDataSource db, CancellationToken ct)
    {
        List<long> transfers = await db.QueryAsync(TransfersSql, row => row.GetInt64(0), ct, bookingId, caller.Id);
        if (transfers.Count == 0)
        {
            return Problems.NotFound("payment not found");
        }
        var entries = new List<ReceiptEntry>();
        foreach (long seq in transfers)
        {
            if (await db.QueryFirstAsync(BlockSql, Block.Read, ct, seq) is not { } block)
            {
                return Problems.TryAgain(context, "receipt is not sealed yet", "not_sealed_yet", "The ledger seals new transfers every second; try again.");
            }
            entries.Add(await ProveAsync(seq, block, db, ct));
        }
        return TypedResults.Ok(new Receipt(bookingId, entries));
    }

    private static async Task<ReceiptEntry> ProveAsync(long seq, Block block, NpgsqlDataSource db, CancellationToken ct)
    {
        await using NpgsqlConnection connection = await db.OpenConnectionAsync(ct);
        await using NpgsqlTransaction transaction = await connection.BeginTransactionAsync(ct);
        await using NpgsqlCommand prepare = connection.Sql("SELECT " + SealedTransfer.NoJit);
        await prepare.ExecuteNonQueryAsync(ct);
        List<SealedTransfer> transfers = await SealedTransfer.PageAsync(connection, block.FirstSeq - 1, block.LastSeq, block.Count + 1, ct);
        byte[][] leaves = [.. transfers.Select(t => t.Leaf())];
        int index = transfers.FindIndex(t => t.Seq == seq);
        if (index < 0 || !Merkle.RootOf(leaves).AsSpan().SequenceEqual(block.MerkleRoot))
        {
            throw new UnreachableException($"Block {block.Number} does not have its Merkle root: the ledger was tampered with.");
        }
        SealedTransfer transfer = transfers[index];
        return new ReceiptEntry(
            seq, transfer.Type, transfer.Status, Money.ToMajor(transfer.AmountMinor), SealedTransfer.Time(transfer.CreatedAt),
            [.. transfer.Postings.Select(p => new ReceiptPosting(p.Kind, p.Account, Money.ToMajor(p.AmountMinor)))],
            transfer.Canonical(), Block.Hex(leaves[index]), index, [.. Merkle.Path(leaves, index).Select(Block.Hex)], block.ToView());
    }
}
