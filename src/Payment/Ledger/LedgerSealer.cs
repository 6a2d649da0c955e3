using BookSaga.Hosting.Data;
using Microsoft.Extensions.Options;
using Npgsql;

namespace BookSaga.Payment.Ledger;

/// <summary>
/// Seals committed transfers in blocks, on every replica; an advisory lock lets one at a time. Numbers are given out before commits, so a
/// transfer may become visible after one with a higher number. A block therefore ends at a number below which nothing can still appear.
/// </summary>
internal sealed partial class LedgerSealer(
    NpgsqlDataSource db, Migrator migrator, IOptions<LedgerOptions> options, LedgerMetrics metrics, TimeProvider time, ILogger<LedgerSealer> logger) : BackgroundService
{
    // The largest block: what a receipt's proof reads and hashes, some 20 ms, and 12 hashes long.
    internal const int MaxTransfers = 4096;

    // Any number, the same in every replica, and not the migrator's.
    private const long LockKey = 0x6C6564676572;

    // A charge holds its locks for milliseconds. What takes longer is waited for at the next turn.
    private static readonly TimeSpan s_patience = TimeSpan.FromMilliseconds(500);

    private const string EndSql = "SELECT max(seq) FROM transfer WHERE seq > coalesce((SELECT max(last_seq) FROM block), 0)";

    private const string LockSql = $"SELECT pg_try_advisory_xact_lock($1), now(), {SealedTransfer.NoJit}";

    private const string InsertSql = $"INSERT INTO block ({Block.Columns}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";

    private string? _trouble;

    /// <summary>Seals everything whose order is settled and gives the number of transfers sealed.</summary>
    internal async Task<int> SealAsync(CancellationToken ct)
    {
        // Once those have ended who were adding transfers after the end was read, all numbers up to it are visible or never will be.
        if (await db.QueryFirstAsync(EndSql, row => row.Nullable<long?>(0), ct) is not { } end || !await TableWriters.EndAsync(db, "transfer", s_patience, time, ct))
        {
            return 0;
        }
        int sealedNow = 0;
        int last;
        do
        {
            last = await SealBlockAsync(end, ct);
            sealedNow += last;
        }
        while (last == MaxTransfers);
        return sealedNow;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await migrator.Completion.WaitAsync(stoppingToken);
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await SealAsync(stoppingToken);
                _trouble = null;
            }
            catch (Exception e) when (e is NpgsqlException or TimeoutException)
            {
                if (_trouble is null)
                {
                    LogWaiting(e.Message);
                }
                _trouble = e.Message;
            }
            // When sealing fails too: that is when it matters.
            await metrics.RefreshAsync(stoppingToken);
            await Task.Delay(options.Value.SealInterval, time, stoppingToken);
        }
    }

    private async Task<int> SealBlockAsync(long end, CancellationToken ct)
    {
        await using NpgsqlConnection connection = await db.OpenConnectionAsync(ct);
        await using NpgsqlTransaction transaction = await connection.BeginTransactionAsync(ct);
        await using NpgsqlCommand take = connection.Sql(LockSql, LockKey);
        (bool taken, DateTimeOffset now) = (await take.ReadAllAsync(row => (row.GetBoolean(0), row.GetFieldValue<DateTimeOffset>(1)), ct))[0];
        if (!taken)
        {
            return 0;
        }
        await using NpgsqlCommand readHead = connection.Sql(Block.HeadSql);
        Block head = (await readHead.ReadAllAsync(Block.Read, ct)).FirstOrDefault() ?? Block.Genesis;
        List<SealedTransfer> transfers = await SealedTransfer.PageAsync(connection, head.LastSeq, end, MaxTransfers, ct);
        if (transfers.Count == 0)
        {
            return 0;
        }
        Block block = head.Next(transfers, now);
        await using NpgsqlCommand insert = connection.Sql(
            InsertSql, block.Number, block.FirstSeq, block.LastSeq, block.Count, block.Transfers, block.TrialBalance,
            block.MerkleRoot, block.PreviousHash, block.Hash, block.SealedAt);
        await insert.ExecuteNonQueryAsync(ct);
        await transaction.CommitAsync(ct);
        LogSealed(block.Number, block.Count, Block.Hex(block.Hash));
        return transfers.Count;
    }

    [LoggerMessage(1, LogLevel.Debug, "Block {Number} seals {Count} transfers: {Hash}")]
    private partial void LogSealed(long number, int count, string hash);

    [LoggerMessage(2, LogLevel.Warning, "Transfers wait to be sealed: {Reason}")]
    private partial void LogWaiting(string reason);
}
