using BookSaga.Contracts;
using BookSaga.Contracts.Payment;
using BookSaga.Hosting.Data;
using BookSaga.Payment.Accounts;
using Grpc.Core;
using Npgsql;

namespace BookSaga.Payment.Companies;

/// <summary>Payments.StatementOfCompany: a company's statement as CSV, oldest first, in pieces; the header is the first.</summary>
internal static class CompanyStatementFile
{
    // The balance after a line is the sum of the postings up to it, those before the period among them.
    private const string Sql = $"""
        SELECT * FROM (
            SELECT {TransactionRow.Columns}, (sum(p.amount_minor) OVER (ORDER BY p.transfer_seq))::bigint AS balance_after
            FROM account a JOIN posting p ON p.account_id = a.id JOIN transfer t ON t.seq = p.transfer_seq
            WHERE a.company_id = $1
        ) line
        WHERE created_at >= $2 AND created_at <= $3 ORDER BY seq
        """;

    private const int PieceSize = 500;

    internal static async Task WriteAsync(StatementKey key, IServerStreamWriter<StatementText> pieces, NpgsqlDataSource db, CancellationToken ct)
    {
        IAsyncEnumerable<Transaction> lines = db.StreamAsync(
            Sql, row => TransactionRow.Read(row, row.GetInt64(8)), ct, key.CompanyId,
            key.From?.ToDateTimeOffset() ?? DateTimeOffset.MinValue, key.To?.ToDateTimeOffset() ?? DateTimeOffset.MaxValue);
        await using IAsyncEnumerator<Transaction[]> chunks = lines.Chunk(PieceSize).GetAsyncEnumerator(ct);
        bool more = await chunks.MoveNextAsync();
        await pieces.WriteAsync(new StatementText { Text = StatementCsv.Header }, ct);
        for (; more; more = await chunks.MoveNextAsync())
        {
            await pieces.WriteAsync(new StatementText { Text = StatementCsv.Lines(chunks.Current, ofCompany: true) }, ct);
        }
    }
}
