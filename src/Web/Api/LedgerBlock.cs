using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace BookSaga.Web.Api;

/// <summary>A block of the ledger: its header; the time as it is hashed.</summary>
public sealed record LedgerBlock(
    long Number, long FirstSeq, long LastSeq, int Count, long Transfers, decimal TrialBalance, string MerkleRoot, string PreviousHash, string Hash, string SealedAt)
{
    /// <summary>The hash of the other fields, computed here and not in payment (docs/ledger.md); the block is whole when it is <see cref="Hash"/>.</summary>
    internal string ComputeHash() => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"""
        booksaga-block:1
        number={Number}
        first_seq={FirstSeq}
        last_seq={LastSeq}
        count={Count}
        transfers={Transfers}
        trial_balance={(long)(TrialBalance * 100)}
        merkle_root={MerkleRoot}
        previous_hash={PreviousHash}
        sealed_at={SealedAt}

        """))));
}
