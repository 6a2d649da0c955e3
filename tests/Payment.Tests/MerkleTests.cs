using System.Security.Cryptography;
using BookSaga.Payment.Ledger;

namespace BookSaga.Payment.Tests;

public sealed class MerkleTests
{
    // The leaves that implementations of RFC 6962 test with, and their trees' roots.
    private static readonly string[] Inputs = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"];

    [Theory]
    [InlineData(0, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")]
    [InlineData(1, "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d")]
    [InlineData(2, "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125")]
    [InlineData(3, "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77")]
    [InlineData(7, "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c")]
    [InlineData(8, "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328")]
    public void Roots_are_those_of_RFC_6962(int count, string root) =>
        Convert.ToHexStringLower(Merkle.RootOf(Inputs.Take(count).Select(i => Merkle.Leaf(Convert.FromHexString(i))).ToArray())).ShouldBe(root);

    [Fact]
    public void Every_leafs_path_leads_to_the_root_and_to_no_other()
    {
        for (int count = 1; count <= 70; count++)
        {
            byte[][] leaves = [.. Enumerable.Range(0, count).Select(i => Merkle.Leaf([(byte)i]))];
            byte[] root = Merkle.RootOf(leaves);
            for (int index = 0; index < count; index++)
            {
                List<byte[]> path = Merkle.Path(leaves, index);
                RootOf(leaves[index], index, count, path).ShouldBe(root);
                RootOf(Merkle.Leaf([255]), index, count, path).ShouldNotBe(root);
            }
        }
    }

    /// <summary>RFC 9162, section 2.1.3.2, the same as in docs/verify-receipt.py.</summary>
    internal static byte[]? RootOf(byte[] node, int index, int count, IEnumerable<byte[]> path)
    {
        int last = count - 1;
        foreach (byte[] sibling in path)
        {
            if (last == 0)
            {
                return null;
            }
            bool left = (index & 1) == 1 || index == last;
            node = SHA256.HashData(left ? [1, .. sibling, .. node] : [1, .. node, .. sibling]);
            while (left && (index & 1) == 0)
            {
                (index, last) = (index >> 1, last >> 1);
            }
            (index, last) = (index >> 1, last >> 1);
        }
        return last == 0 ? node : null;
    }
}
