using System.Globalization;
using BookSaga.Web.Api;

namespace BookSaga.Web.Pages.Operator;

/// <summary>Recomputes the latest blocks' hashes from their headers, here and not in payment: docs/ledger.md says how.</summary>
/// <param name="Checked">How many blocks were looked at.</param>
/// <param name="Fault">The number of the first block that is wrong; null when none is.</param>
/// <param name="Complete">False: some were not to be had.</param>
public sealed record ChainCheck(int Checked, long? Fault, bool Complete)
{
    private const int Depth = 10;

    internal static async Task<ChainCheck> RunAsync(BookSagaApi api, LedgerBlock head, CancellationToken ct)
    {
        int before = (int)Math.Min(Depth - 1, head.Number - 1);
        Answer<LedgerBlock>[] answers = await Task.WhenAll(Enumerable.Range(0, before).Select(i =>
            api.GetAsync<LedgerBlock>(string.Create(CultureInfo.InvariantCulture, $"/ledger/blocks/{head.Number - before + i}"), ct)));
        LedgerBlock[] blocks = [.. answers.Select(a => a.Value).OfType<LedgerBlock>(), head];
        return new ChainCheck(blocks.Length, FirstFault(blocks), blocks.Length == before + 1);
    }

    /// <summary>The first of <paramref name="blocks"/>, ascending, whose hash is not its header's, whose balance is not 0, or which does not follow the one before.</summary>
    internal static long? FirstFault(IReadOnlyList<LedgerBlock> blocks) => blocks
        .Where((block, i) => block.ComputeHash() != block.Hash || block.TrialBalance != 0 || (block.Number == 1 && block.PreviousHash.Trim('0').Length > 0)
            || (i > 0 && blocks[i - 1].Number == block.Number - 1 && !Follows(blocks[i - 1], block)))
        .Select(block => (long?)block.Number).FirstOrDefault();

    private static bool Follows(LedgerBlock before, LedgerBlock block) =>
        block.PreviousHash == before.Hash && block.FirstSeq > before.LastSeq && block.Transfers == before.Transfers + block.Count;
}
