using BookSaga.Web.Api;

namespace BookSaga.Web.Pages.Client;

/// <summary>What the ledger has of one booking's money.</summary>
public sealed record Receipt(Guid BookingId, IReadOnlyList<ReceiptEntry> Transfers)
{
    private const string NotYet = "not_sealed_yet";

    // The ledger seals every second or so.
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);
    private const int Attempts = 6;

    /// <summary>What the client has paid in the end.</summary>
    internal decimal Paid => Transfers.Where(t => t.Status == "completed").Sum(t => t.Type switch { "payment" => t.Amount, "refund" => -t.Amount, _ => 0 });

    internal static string ApiPath(Guid id) => $"/customer/payment/receipts/{id}";

    /// <summary>The receipt, as soon as it is sealed; 409 when that takes longer than usual.</summary>
    internal static async Task<Answer<Receipt>> ReadAsync(BookSagaApi api, Guid id, CancellationToken gone)
    {
        Answer<Receipt> answer = await api.GetAsync<Receipt>(ApiPath(id), gone);
        for (int attempt = 1; attempt < Attempts && answer.Problem?.Code == NotYet; attempt++)
        {
            await Task.Delay(Pause, gone);
            answer = await api.GetAsync<Receipt>(ApiPath(id), gone);
        }
        return answer;
    }
}

/// <summary>A transfer with the proof that a block of the ledger holds it: docs/ledger.md.</summary>
public sealed record ReceiptEntry(
    long Seq, string Type, string Status, decimal Amount, string CreatedAt, IReadOnlyList<ReceiptPosting> Postings,
    string Canonical, string LeafHash, int Index, IReadOnlyList<string> Path, LedgerBlock Block);

/// <summary>What an account gained.</summary>
public sealed record ReceiptPosting(string Kind, long Account, decimal Amount);
