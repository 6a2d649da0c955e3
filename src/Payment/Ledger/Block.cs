using System.Data.Common;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace BookSaga.Payment.Ledger;

/// <summary>Transfers sealed together. Its hash covers all of them and, by the previous hash, all blocks before.</summary>
/// <param name="Number">From 1, without gaps.</param>
/// <param name="FirstSeq">The first transfer's number.</param>
/// <param name="LastSeq">The last one's; the block covers everything above the previous block's.</param>
/// <param name="Count">Transfers in it.</param>
/// <param name="Transfers">Transfers in it and all before.</param>
/// <param name="TrialBalance">The sum of their postings in minor units: 0.</param>
/// <param name="MerkleRoot">The root over the transfers' hashes.</param>
/// <param name="PreviousHash">The previous block's hash; zeros for the first.</param>
/// <param name="Hash">SHA-256 of <see cref="Header"/>.</param>
/// <param name="SealedAt">When, by the database's clock.</param>
internal sealed record Block(
    long Number, long FirstSeq, long LastSeq, int Count, long Transfers, long TrialBalance, byte[] MerkleRoot, byte[] PreviousHash, byte[] Hash, DateTimeOffset SealedAt)
{
    /// <summary>A block as clients see it; hashes in lower-case hexadecimal, the time with microseconds as it is hashed.</summary>
    internal sealed record BlockView(
        long Number, long FirstSeq, long LastSeq, int Count, long Transfers, decimal TrialBalance, string MerkleRoot, string PreviousHash, string Hash, string SealedAt);

    /// <summary>The columns that <see cref="Read"/> takes.</summary>
    internal const string Columns = "number, first_seq, last_seq, count, transfers, trial_balance, merkle_root, previous_hash, hash, sealed_at";

    /// <summary>The latest block.</summary>
    internal const string HeadSql = $"SELECT {Columns} FROM block ORDER BY number DESC LIMIT 1";

    /// <summary>What the first block follows, which so covers everything up to its end.</summary>
    internal static Block Genesis { get; } = new(0, 0, long.MinValue, 0, 0, 0, [], [], new byte[32], default);

    internal static Block Read(DbDataReader row) => new(
        row.GetInt64(0), row.GetInt64(1), row.GetInt64(2), row.GetInt32(3), row.GetInt64(4), row.GetInt64(5),
        row.GetFieldValue<byte[]>(6), row.GetFieldValue<byte[]>(7), row.GetFieldValue<byte[]>(8), row.GetFieldValue<DateTimeOffset>(9));

    /// <summary>The block that seals <paramref name="transfers"/>, which follow this one.</summary>
    internal Block Next(IReadOnlyList<SealedTransfer> transfers, DateTimeOffset sealedAt)
    {
        var next = new Block(
            Number + 1, transfers[0].Seq, transfers[^1].Seq, transfers.Count, Transfers + transfers.Count,
            TrialBalance + transfers.Sum(t => t.Postings.Sum(p => p.AmountMinor)),
            Merkle.RootOf(transfers.Select(t => t.Leaf()).ToArray()), Hash, [], sealedAt);
        return next with { Hash = SHA256.HashData(Encoding.UTF8.GetBytes(next.Header())) };
    }

    /// <summary>The text that is hashed.</summary>
    internal string Header() => string.Create(CultureInfo.InvariantCulture, $"""
        booksaga-block:1
        number={Number}
        first_seq={FirstSeq}
        last_seq={LastSeq}
        count={Count}
        transfers={Transfers}
        trial_balance={TrialBalance}
        merkle_root={Hex(MerkleRoot)}
        previous_hash={Hex(PreviousHash)}
        sealed_at={SealedTransfer.Time(SealedAt)}

        """);

    internal BlockView ToView() => new(
        Number, FirstSeq, LastSeq, Count, Transfers, Hosting.Http.Money.ToMajor(TrialBalance), Hex(MerkleRoot), Hex(PreviousHash), Hex(Hash), SealedTransfer.Time(SealedAt));

    /// <summary>A hash as text.</summary>
    internal static string Hex(byte[] hash) => Convert.ToHexStringLower(hash);
}
