using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace BookSaga.Web.Pages.Client;

/// <summary>Computes a receipt's hashes anew, here and not in the ledger's process: what docs/verify-receipt.py does for everybody. Pure.</summary>
internal static class ReceiptProof
{
    /// <summary>Whether every transfer says what is shown of it, and is in its block.</summary>
    internal static bool Holds(Receipt receipt) => receipt.Transfers.Count > 0 && receipt.Transfers.All(t => Says(receipt.BookingId, t) && IsInBlock(t));

    private static bool Says(Guid booking, ReceiptEntry t)
    {
        string[] lines = t.Canonical.TrimEnd('\n').Split('\n');
        string[] shown =
        [
            Text($"seq={t.Seq}"), $"id={booking}", $"type={t.Type}", $"status={t.Status}", Text($"amount={Minor(t.Amount)}"), $"created_at={t.CreatedAt}",
        ];
        IEnumerable<string> postings = t.Postings.Select(p => Text($"posting={p.Kind}/{p.Account}/{Minor(p.Amount)}"));
        return lines[0] == "booksaga-transfer:1" && shown.All(lines.Contains)
            && lines.Where(line => line.StartsWith("posting=", StringComparison.Ordinal)).SequenceEqual(postings)
            && lines.Select(line => line.Split('=')[0]).Where(name => name != "posting").GroupBy(name => name).All(g => g.Count() == 1)
            && Hex(SHA256.HashData([0, .. Encoding.UTF8.GetBytes(t.Canonical)])) == t.LeafHash;
    }

    private static bool IsInBlock(ReceiptEntry t) =>
        t.Seq >= t.Block.FirstSeq && t.Seq <= t.Block.LastSeq && t.Index >= 0 && t.Index < t.Block.Count && Root(t) == t.Block.MerkleRoot && t.Block.ComputeHash() == t.Block.Hash;

    // RFC 9162, section 2.1.3.2; null when the path is not as long as the way.
    private static string? Root(ReceiptEntry t)
    {
        (byte[] node, int index, int last) = (Convert.FromHexString(t.LeafHash), t.Index, t.Block.Count - 1);
        foreach (byte[] sibling in t.Path.Select(Convert.FromHexString))
        {
            if (last == 0)
            {
                return null;
            }
            bool left = index % 2 == 1 || index == last;
            node = SHA256.HashData(left ? [1, .. sibling, .. node] : [1, .. node, .. sibling]);
            while (left && index % 2 == 0 && index > 0)
            {
                (index, last) = (index / 2, last / 2);
            }
            (index, last) = (index / 2, last / 2);
        }
        return last == 0 ? Hex(node) : null;
    }

    private static long Minor(decimal amount) => (long)(amount * 100);

    private static string Hex(byte[] hash) => Convert.ToHexStringLower(hash);

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
