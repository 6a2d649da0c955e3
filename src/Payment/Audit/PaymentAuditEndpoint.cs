using BookSaga.Contracts.Audit;
using BookSaga.Hosting.Data;
using Grpc.Core;
using Npgsql;

namespace BookSaga.Payment.Audit;

/// <summary>What the auditor asks of payment.</summary>
internal sealed class PaymentAuditEndpoint(NpgsqlDataSource db) : PaymentAudit.PaymentAuditBase
{
    private const string DecisionsSql = """
        SELECT p.id, p.status = 'completed', coalesce(c.type, '')
        FROM transfer p LEFT JOIN transfer c ON c.id = p.id AND c.type IN ('refund', 'retained')
        WHERE p.type = 'payment' AND p.id > $1 AND p.id <= $2
        """;

    // Money is conserved: all postings sum to 0, each transfer's too; a customer's balance is the sum of theirs and not below 0.
    private const string CheckSql = """
        SELECT 'money_is_conserved', 'ledger', 'all postings sum to ' || sum(amount_minor) FROM posting HAVING sum(amount_minor) <> 0
        UNION ALL
        SELECT 'money_is_conserved', 'transfer ' || transfer_seq, 'its postings sum to ' || sum(amount_minor) FROM posting GROUP BY transfer_seq HAVING sum(amount_minor) <> 0
        UNION ALL
        SELECT 'money_is_conserved', 'transfer ' || t.seq, 'completed without postings' FROM transfer t
        WHERE t.status = 'completed' AND t.type <> 'retained' AND NOT EXISTS (SELECT FROM posting p WHERE p.transfer_seq = t.seq)
        UNION ALL
        SELECT 'money_is_conserved', 'transfer ' || p.transfer_seq, 'a posting of ' || p.amount_minor || ' to account ' || p.account_id || ' without transfer or account'
        FROM posting p LEFT JOIN transfer t ON t.seq = p.transfer_seq LEFT JOIN account a ON a.id = p.account_id WHERE t.seq IS NULL OR a.id IS NULL
        UNION ALL
        SELECT 'money_is_conserved', 'account ' || a.id, 'balance ' || a.balance_minor || ', postings ' || coalesce(sum(p.amount_minor), 0)
        FROM account a LEFT JOIN posting p ON p.account_id = a.id
        WHERE a.kind = 'customer' GROUP BY a.id HAVING a.balance_minor <> coalesce(sum(p.amount_minor), 0)
        UNION ALL
        SELECT 'no_debt', 'account ' || id, 'balance ' || balance_minor FROM account WHERE balance_minor < 0
        LIMIT 100
        """;

    public override async Task<PaymentFacts> Decisions(BookingRange request, ServerCallContext context) => new()
    {
        Facts =
        {
            await db.QueryAsync(
                DecisionsSql, row => new PaymentFact { BookingId = row.GetGuid(0).ToString(), Charged = row.GetBoolean(1), ClosedAs = row.GetString(2) },
                context.CancellationToken, Guid.Parse(request.After), Guid.Parse(request.Until)),
        },
    };

    public override async Task<Violations> Check(CheckRequest request, ServerCallContext context) => new()
    {
        Violations_ =
        {
            await db.QueryAsync(
                CheckSql, row => new Violation { Invariant = row.GetString(0), Subject = row.GetString(1), Detail = row.GetString(2) }, context.CancellationToken),
        },
    };
}
