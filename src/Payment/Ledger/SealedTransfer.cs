using System.Globalization;
using System.Text;
using BookSaga.Hosting.Data;
using Npgsql;

namespace BookSaga.Payment.Ledger;

/// <summary>A posting of a transfer.</summary>
/// <param name="Kind">Whose account: <c>customer</c>, <c>company</c>, <c>cash</c> (the outside) or <c>forfeited</c> (given up).</param>
/// <param name="Account">The account's number, which names nobody.</param>
/// <param name="AmountMinor">What the account gains, in minor units.</param>
internal sealed record SealedPosting(string Kind, long Account, long AmountMinor);

/// <summary>A transfer with its postings, as it is hashed.</summary>
internal sealed record SealedTransfer(
    long Seq, Guid Id, string Type, string Status, Guid Customer, long? Company, long? Offer, long AmountMinor, string? Reason, long BalanceAfter,
    DateTimeOffset CreatedAt, IReadOnlyList<SealedPosting> Postings)
{
    /// <summary>For the transaction that reads pages: to compile the query takes PostgreSQL longer than to run it.</summary>
    internal const string NoJit = "set_config('jit', 'off', true)";

    // Accounts and postings are found by key, one by one, so that no plan made for small tables can read whole large ones. A posting to
    // an account that is none of the transfer's is not seen here; verification looks for it.
    private const string PageSql = """
        SELECT t.seq, t.id, t.type, t.status, t.customer_id, t.company_id, t.offer_id, t.amount_minor, t.reason, t.balance_after, t.created_at,
               customer.id, (SELECT p.amount_minor FROM posting p WHERE p.account_id = customer.id AND p.transfer_seq = t.seq),
               company.id, (SELECT p.amount_minor FROM posting p WHERE p.account_id = company.id AND p.transfer_seq = t.seq),
               cash.id, (SELECT p.amount_minor FROM posting p WHERE p.account_id = cash.id AND p.transfer_seq = t.seq),
               forfeited.id, (SELECT p.amount_minor FROM posting p WHERE p.account_id = forfeited.id AND p.transfer_seq = t.seq)
        FROM (SELECT * FROM transfer WHERE seq > $1 AND seq <= $2 ORDER BY seq LIMIT $3) t
        LEFT JOIN LATERAL (SELECT a.id FROM account a WHERE a.customer_id = t.customer_id LIMIT 1) customer ON true
        LEFT JOIN LATERAL (SELECT a.id FROM account a WHERE a.company_id = t.company_id LIMIT 1) company ON true
        LEFT JOIN LATERAL (SELECT a.id FROM account a WHERE a.kind = 'cash' LIMIT 1) cash ON true
        LEFT JOIN LATERAL (SELECT a.id FROM account a WHERE a.kind = 'forfeited' AND t.type = 'forfeit' LIMIT 1) forfeited ON true
        ORDER BY t.seq
        """;

    private static readonly string[] s_kinds = ["customer", "company", "cash", "forfeited"];

    /// <summary>The text that is hashed: a line <c>name=value</c> for each field that has a value, each ended by a line feed.</summary>
    internal string Canonical()
    {
        var text = new StringBuilder(320).Append("booksaga-transfer:1\n");
        Line(text, "seq", Seq);
        Line(text, "id", Id);
        Line(text, "type", Type);
        Line(text, "status", Status);
        Line(text, "customer", Customer);
        Line(text, "company", Company);
        Line(text, "offer", Offer);
        Line(text, "amount", AmountMinor);
        Line(text, "reason", Reason);
        Line(text, "balance_after", BalanceAfter);
        Line(text, "created_at", Time(CreatedAt));
        foreach (SealedPosting posting in Postings)
        {
            text.Append(CultureInfo.InvariantCulture, $"posting={posting.Kind}/{posting.Account}/{posting.AmountMinor}\n");
        }
        return text.ToString();
    }

    /// <summary>The leaf's hash in its block's tree.</summary>
    internal byte[] Leaf() => Merkle.Leaf(Encoding.UTF8.GetBytes(Canonical()));

    /// <summary>The postings that it must have: none unless money moved, else two that cancel each other out.</summary>
    internal bool HasItsPostings() => Postings.Select(p => (p.Kind, p.AmountMinor)).SequenceEqual((Type, Status) switch
    {
        ("top-up", "completed") => [("customer", AmountMinor), ("cash", -AmountMinor)],
        ("forfeit", "completed") => [("customer", -AmountMinor), ("forfeited", AmountMinor)],
        ("payment", "completed") => [("customer", -AmountMinor), ("company", AmountMinor)],
        ("refund", "completed") => [("customer", AmountMinor), ("company", -AmountMinor)],
        _ => Array.Empty<(string, long)>(),
    });

    /// <summary>Microseconds, always six digits, UTC.</summary>
    internal static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture);

    /// <summary>Up to <paramref name="limit"/> transfers with <paramref name="after"/> &lt; seq ≤ <paramref name="upTo"/>, ascending.</summary>
    internal static async Task<List<SealedTransfer>> PageAsync(NpgsqlConnection connection, long after, long upTo, int limit, CancellationToken ct)
    {
        await using NpgsqlCommand command = connection.Sql(PageSql, after, upTo, limit);
        return await command.ReadAllAsync(
            row => new SealedTransfer(
                row.GetInt64(0), row.GetGuid(1), row.GetString(2), row.GetString(3), row.GetGuid(4), row.Nullable<long?>(5), row.Nullable<long?>(6),
                row.GetInt64(7), row.Nullable<string>(8), row.GetInt64(9), row.GetFieldValue<DateTimeOffset>(10),
                [.. s_kinds.Select((kind, i) => (kind, column: 11 + (2 * i))).Where(p => !row.IsDBNull(p.column + 1))
                    .Select(p => new SealedPosting(p.kind, row.GetInt64(p.column), row.GetInt64(p.column + 1)))]),
            ct);
    }

    private static void Line(StringBuilder text, string name, object? value)
    {
        if (value is not null)
        {
            text.Append(name).Append('=').Append(CultureInfo.InvariantCulture, $"{value}").Append('\n');
        }
    }
}
