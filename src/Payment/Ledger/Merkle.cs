using System.Numerics;
using System.Security.Cryptography;

namespace BookSaga.Payment.Ledger;

/// <summary>SHA-256 Merkle trees as in RFC 6962, section 2.1: leaves and nodes are told apart by a first byte.</summary>
internal sealed class Merkle
{
    // The roots of the perfect subtrees so far, the largest first; their sizes are the binary digits of the count.
    private readonly List<byte[]> _roots = [];

    /// <summary>Leaves added so far.</summary>
    internal int Count { get; private set; }

    /// <summary>The hash of a leaf: SHA-256(0x00 ‖ data).</summary>
    internal static byte[] Leaf(ReadOnlySpan<byte> data) => SHA256.HashData([0, .. data]);

    /// <summary>The audit path of leaf <paramref name="index"/>, from the leaf's sibling up (RFC 6962, section 2.1.1).</summary>
    internal static List<byte[]> Path(ReadOnlySpan<byte[]> leaves, int index)
    {
        if (leaves.Length <= 1)
        {
            return [];
        }
        int left = LargestPowerBelow(leaves.Length);
        return index < left
            ? [.. Path(leaves[..left], index), RootOf(leaves[left..])]
            : [.. Path(leaves[left..], index - left), RootOf(leaves[..left])];
    }

    /// <summary>The root over <paramref name="leaves"/>' hashes.</summary>
    internal static byte[] RootOf(ReadOnlySpan<byte[]> leaves)
    {
        var tree = new Merkle();
        foreach (byte[] leaf in leaves)
        {
            tree.Add(leaf);
        }
        return tree.Root();
    }

    /// <summary>Adds a leaf's hash at the right; memory grows with the logarithm of the count.</summary>
    internal void Add(byte[] leaf)
    {
        for (int size = Count++; (size & 1) == 1; size >>= 1)
        {
            leaf = Node(_roots[^1], leaf);
            _roots.RemoveAt(_roots.Count - 1);
        }
        _roots.Add(leaf);
    }

    /// <summary>The root over all leaves added; that of none is SHA-256 of nothing.</summary>
    internal byte[] Root()
    {
        if (_roots.Count == 0)
        {
            return SHA256.HashData([]);
        }
        byte[] root = _roots[^1];
        for (int i = _roots.Count - 2; i >= 0; i--)
        {
            root = Node(_roots[i], root);
        }
        return root;
    }

    private static byte[] Node(byte[] left, byte[] right) => SHA256.HashData([1, .. left, .. right]);

    private static int LargestPowerBelow(int count) => 1 << BitOperations.Log2((uint)count - 1);
}
