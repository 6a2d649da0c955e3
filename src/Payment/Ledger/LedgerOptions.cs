using System.ComponentModel.DataAnnotations;

namespace BookSaga.Payment.Ledger;

/// <summary>Settings <c>Ledger:*</c>.</summary>
internal sealed class LedgerOptions
{
    /// <summary>How often each replica seals new transfers. A receipt can be had once its transfers are sealed.</summary>
    [Range(typeof(TimeSpan), "00:00:00.05", "1.00:00:00")]
    public TimeSpan SealInterval { get; set; } = TimeSpan.FromSeconds(1);
}
