using BookSaga.Web.Api;
using BookSaga.Web.Pages.Operator;

namespace BookSaga.Web.Tests;

/// <summary>The chain of blocks as the operator's page recomputes it.</summary>
public sealed class ChainTests
{
    private static readonly LedgerBlock[] s_chain = Chain();

    [Fact]
    public void A_right_chain_has_no_fault() => ChainCheck.FirstFault(s_chain).ShouldBeNull();

    [Fact]
    public void A_changed_total_is_found() => ChainCheck.FirstFault([s_chain[0], s_chain[1] with { Transfers = 6 }, s_chain[2]]).ShouldBe(2);

    [Fact]
    public void A_block_that_was_made_anew_is_found_by_the_next_one() =>
        ChainCheck.FirstFault([s_chain[0], Sealed(s_chain[1] with { MerkleRoot = new string('f', 64) }), s_chain[2]]).ShouldBe(3);

    [Fact]
    public void A_balance_other_than_zero_is_a_fault_though_its_hash_is_right() => ChainCheck.FirstFault([Sealed(s_chain[0] with { TrialBalance = 0.01m })]).ShouldBe(1);

    private static LedgerBlock[] Chain()
    {
        var blocks = new List<LedgerBlock>();
        string previous = new('0', 64);
        for (int i = 0; i < 3; i++)
        {
            blocks.Add(Sealed(new LedgerBlock(i + 1, (i * 2) + 1, (i * 2) + 2, 2, (i * 2) + 2, 0, new string('a', 64), previous, "", "2026-11-23T06:00:00.123456Z")));
            previous = blocks[^1].Hash;
        }
        return [.. blocks];
    }

    private static LedgerBlock Sealed(LedgerBlock block) => block with { Hash = block.ComputeHash() };
}
