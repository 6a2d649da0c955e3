using BookSaga.Contracts;
using BookSaga.Contracts.Payment;
using BookSaga.Hosting.Data;
using BookSaga.Hosting.Http;
using BookSaga.Payment.Accounts;
using Npgsql;

namespace BookSaga.Payment.Companies;

/// <summary>Payments.CompanyBalance and CompanyTransactions: what a company has earned, summed from its postings.</summary>
internal static class CompanyStatement
{
    private const string BalanceSql = """
        SELECT coalesce(sum(p.amount_minor), 0)::bigint,
               coalesce(sum(p.amount_minor) FILTER (WHERE p.amount_minor > 0), 0)::bigint,
               coalesce(-sum(p.amount_minor) FILTER (WHERE p.amount_minor < 0), 0)::bigint
        FROM account a JOIN posting p ON p.account_id = a.id WHERE a.company_id = $1
        """;

    // The balance after a line is the sum of the postings up to it: summed once for the page's newest line, and from there each older one has less by those after it.
    internal const string TransactionsSql = $"""
        WITH page AS MATERIALIZED (
            SELECT p.account_id, p.transfer_seq, p.amount_minor FROM account a JOIN posting p ON p.account_id = a.id
            WHERE a.company_id = $1 ORDER BY p.transfer_seq DESC LIMIT $2 OFFSET $3
        ), newest AS MATERIALIZED (
            SELECT sum(q.amount_minor) AS balance FROM posting q
            WHERE q.account_id = (SELECT account_id FROM page LIMIT 1) AND q.transfer_seq <= (SELECT max(transfer_seq) FROM page)
        )
        SELECT {TransactionRow.Columns},
               (n.balance - coalesce(sum(p.amount_minor) OVER (ORDER BY p.transfer_seq DESC ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0))::bigint
        FROM page p JOIN transfer t ON t.seq = p.transfer_seq CROSS JOIN newest n
        ORDER BY p.transfer_seq DESC
        """;

    internal static async Task<CompanyBalanceReply> BalanceAsync(CompanyKey key, NpgsqlDataSource db, CancellationToken ct) =>
        await db.QueryFirstAsync(
            BalanceSql, row => new CompanyBalanceReply { BalanceMinor = row.GetInt64(0), EarnedMinor = row.GetInt64(1), RefundedMinor = row.GetInt64(2) }, ct, key.CompanyId)
        ?? new CompanyBalanceReply();

    internal static async Task<TransactionsJson> TransactionsAsync(CompanyKey key, NpgsqlDataSource db, CancellationToken ct)
    {
        var page = new Page(key.Page, key.Limit);
        List<Transaction> lines = await db.QueryAsync(TransactionsSql, row => TransactionRow.Read(row, row.GetInt64(8)), ct, key.CompanyId, page.Limit, page.Offset);
        return new TransactionsJson { Json = Json.Write(lines) };
    }
}
