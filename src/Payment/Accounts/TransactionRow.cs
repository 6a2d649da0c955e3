using System.Data.Common;
using BookSaga.Contracts;
using BookSaga.Hosting.Data;
using BookSaga.Hosting.Http;

namespace BookSaga.Payment.Accounts;

/// <summary>Reads rows of the table <c>transfer</c> into lines of a statement.</summary>
internal static class TransactionRow
{
    /// <summary>The columns that <see cref="Read"/> takes, of the table <c>transfer t</c>.</summary>
    internal const string Columns = "t.seq, t.type, t.status, t.amount_minor, CASE WHEN t.type NOT IN ('top-up', 'forfeit') THEN t.id END, t.offer_id, t.reason, t.created_at";

    internal static Transaction Read(DbDataReader row, long balanceAfter) => new(
        row.GetInt64(0), row.GetString(1), row.GetString(2), Money.ToMajor(row.GetInt64(3)),
        row.Nullable<Guid?>(4), row.Nullable<long?>(5), row.Nullable<string>(6), Money.ToMajor(balanceAfter), row.GetFieldValue<DateTimeOffset>(7));
}
