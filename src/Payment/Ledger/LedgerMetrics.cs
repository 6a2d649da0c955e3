using System.Diagnostics.Metrics;
using BookSaga.Hosting.Data;
using Npgsql;

namespace BookSaga.Payment.Ledger;

/// <summary>
/// Meter <c>BookSaga.Payment</c>: <c>booksaga.ledger.oldest_unsealed</c>, the age in seconds of the oldest transfer in no block yet. It is
/// read from the database, so every replica shows the same: take the maximum. While the database is away it shows nothing.
/// </summary>
internal sealed class LedgerMetrics
{
    private const string Sql = """
        SELECT created_at FROM transfer WHERE seq > coalesce((SELECT max(last_seq) FROM block), 0) ORDER BY seq LIMIT 1
        """;

    private readonly NpgsqlDataSource _db;

    // One when it is known: when the oldest was made, or null when all are sealed.
    private volatile DateTimeOffset?[] _oldest = [];

    public LedgerMetrics(NpgsqlDataSource db, TimeProvider time, IMeterFactory meters)
    {
        _db = db;
        meters.Create("BookSaga.Payment").CreateObservableGauge(
            "booksaga.ledger.oldest_unsealed",
            () => _oldest.Select(made => new Measurement<double>(made is { } oldest ? (time.GetUtcNow() - oldest).TotalSeconds : 0)),
            "s", "Age of the oldest transfer in no block yet.");
    }

    /// <summary>Looks for the oldest unsealed transfer; forgets what was seen when that fails.</summary>
    internal async Task RefreshAsync(CancellationToken ct)
    {
        try
        {
            _oldest = [await _db.QueryFirstAsync<DateTimeOffset?>(Sql, row => row.GetFieldValue<DateTimeOffset>(0), ct)];
        }
        catch (Exception e) when (e is NpgsqlException or TimeoutException)
        {
            _oldest = [];
        }
    }
}
