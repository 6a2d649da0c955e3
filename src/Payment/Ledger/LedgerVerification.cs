using System.Data;
using System.Security.Cryptography;
using System.Text;
using BookSaga.Hosting.Data;
using Npgsql;

namespace BookSaga.Payment.Ledger;

/// <summary>
/// Recomputes the whole ledger in one read-only snapshot, beside live traffic, a block at a time: postings, blocks, chain, balances.
/// </summary>
/// <param name="connection">A connection that nobody else uses.</param>
/// <param name="unsealedLimit">How old a transfer may be that no block covers.</param>
/// <param name="noted">A block number and hash that somebody has noted before.</param>
internal sealed class LedgerVerification(NpgsqlConnection connection, TimeSpan unsealedLimit, (long Number, string Hash)? noted = null)
{
    /// <param name="Fault">The first thing that is wrong; null when nothing is.</param>
    /// <param name="Head">The last block that was found right.</param>
    /// <param name="Unsealed">Transfers younger than that.</param>
    internal sealed record Result(string? Fault, Block Head, long Unsealed);

    private const string StraySql = """
        SELECT format('posting of account %s for transfer %s: %s', p.account_id, p.transfer_seq,
                      CASE WHEN t.seq IS NULL THEN 'no such transfer' WHEN a.id IS NULL THEN 'no such account' ELSE 'the account is not the transfer''s' END)
        FROM posting p LEFT JOIN transfer t ON t.seq = p.transfer_seq LEFT JOIN account a ON a.id = p.account_id
        WHERE NOT coalesce(a.customer_id = t.customer_id OR a.company_id = t.company_id OR (a.kind = 'cash' AND t.type = 'top-up') OR (a.kind = 'forfeited' AND t.type = 'forfeit'), false)
        ORDER BY p.transfer_seq, p.account_id LIMIT 1
        """;

    private const string TrialBalanceSql = "SELECT 'trial balance: the postings sum to ' || sum(amount_minor) || ', not to 0' FROM posting HAVING sum(amount_minor) <> 0";

    private const string BalancesSql = """
        SELECT format('account %s: the balance is %s, its postings sum to %s', a.id, a.balance_minor, coalesce(p.total, 0))
        FROM account a LEFT JOIN (SELECT account_id, sum(amount_minor) AS total FROM posting GROUP BY account_id) p ON p.account_id = a.id
        WHERE a.kind = 'customer' AND (a.balance_minor <> coalesce(p.total, 0) OR a.balance_minor < 0)
        ORDER BY a.id LIMIT 1
        """;

    private const string BlocksSql = $"SELECT {Block.Columns} FROM block WHERE number > $1 ORDER BY number LIMIT 500";

    private const string NowSql = $"SELECT now(), {SealedTransfer.NoJit}";

    private Block _head = Block.Genesis;
    private long _unsealed;
    private bool _notedSeen;

    /// <summary>Runs all checks until one fails.</summary>
    internal async Task<Result> RunAsync(CancellationToken ct)
    {
        await using NpgsqlTransaction snapshot = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, ct);
        DateTimeOffset now = (await ReadAsync(NowSql, row => row.GetFieldValue<DateTimeOffset>(0), ct))[0];
        string? fault = await FirstAsync(StraySql, ct)
            ?? await BlocksAsync(ct)
            ?? await UnsealedAsync(now, ct)
            ?? await FirstAsync(TrialBalanceSql, ct)
            ?? await FirstAsync(BalancesSql, ct);
        return new Result(fault, _head, _unsealed);
    }

    private async Task<string?> BlocksAsync(CancellationToken ct)
    {
        while (await ReadAsync(BlocksSql, Block.Read, ct, _head.Number) is { Count: > 0 } blocks)
        {
            foreach (Block block in blocks)
            {
                if (await BlockAsync(block, ct) is { } fault)
                {
                    return fault;
                }
                _head = block;
            }
        }
        return noted is { } mark && !_notedSeen ? $"block {mark.Number}: missing, but its hash was noted" : null;
    }

    private async Task<string?> BlockAsync(Block block, CancellationToken ct)
    {
        if (block.Number != _head.Number + 1)
        {
            return $"block {_head.Number + 1}: missing";
        }
        if (!block.PreviousHash.AsSpan().SequenceEqual(_head.Hash))
        {
            return $"block {block.Number}: its previous hash is not block {_head.Number}'s hash";
        }
        if (!block.Hash.AsSpan().SequenceEqual(SHA256.HashData(Encoding.UTF8.GetBytes(block.Header()))))
        {
            return $"block {block.Number}: its hash is not that of its header";
        }
        if (noted is { } mark && mark.Number == block.Number)
        {
            _notedSeen = true;
            if (mark.Hash != Block.Hex(block.Hash))
            {
                return $"block {block.Number}: its hash is {Block.Hex(block.Hash)}, not the one noted";
            }
        }
        List<SealedTransfer> transfers = await SealedTransfer.PageAsync(connection, _head.LastSeq, block.LastSeq, block.Count + 1, ct);
        if (transfers.Count != block.Count || transfers[0].Seq != block.FirstSeq || transfers[^1].Seq != block.LastSeq)
        {
            return $"block {block.Number}: transfers {block.FirstSeq} to {block.LastSeq} are not the {block.Count} that it sealed: some were removed, added or renumbered";
        }
        if (transfers.Find(t => !t.HasItsPostings()) is { } wrong)
        {
            return WrongPostings(wrong);
        }
        Block again = _head.Next(transfers, block.SealedAt);
        return again.MerkleRoot.AsSpan().SequenceEqual(block.MerkleRoot) ? SameTotals(block, again)
            : $"block {block.Number}: a transfer from {block.FirstSeq} to {block.LastSeq} was changed: their Merkle root is {Block.Hex(again.MerkleRoot)}, not {Block.Hex(block.MerkleRoot)}";
    }

    private async Task<string?> UnsealedAsync(DateTimeOffset now, CancellationToken ct)
    {
        long after = _head.LastSeq;
        while (await SealedTransfer.PageAsync(connection, after, long.MaxValue, LedgerSealer.MaxTransfers, ct) is { Count: > 0 } transfers)
        {
            _unsealed += transfers.Count;
            after = transfers[^1].Seq;
            if (transfers.Find(t => !t.HasItsPostings()) is { } wrong)
            {
                return WrongPostings(wrong);
            }
            if (transfers.Find(t => now - t.CreatedAt > unsealedLimit) is { } old)
            {
                return $"transfer {old.Seq}: in no block, and older than {unsealedLimit.TotalSeconds:F0} s";
            }
        }
        return null;
    }

    private static string? SameTotals(Block block, Block again) =>
        (again.Transfers, again.TrialBalance) == (block.Transfers, block.TrialBalance) ? null : $"block {block.Number}: its running totals are wrong";

    private static string WrongPostings(SealedTransfer wrong) =>
        $"transfer {wrong.Seq}: a {wrong.Type} of {wrong.AmountMinor}, {wrong.Status}, has the postings [{string.Join(", ", wrong.Postings.Select(p => $"{p.Kind} {p.AmountMinor}"))}]";

    private async Task<string?> FirstAsync(string sql, CancellationToken ct) => (await ReadAsync(sql, row => row.GetString(0), ct)).FirstOrDefault();

    private async Task<List<T>> ReadAsync<T>(string sql, Func<System.Data.Common.DbDataReader, T> read, CancellationToken ct, params object?[] args)
    {
        await using NpgsqlCommand command = connection.Sql(sql, args);
        command.CommandTimeout = 0;
        return await command.ReadAllAsync(read, ct);
    }
}
