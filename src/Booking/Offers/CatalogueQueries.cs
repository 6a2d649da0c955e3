using System.Data.Common;
using BookSaga.Hosting.Data;
using Microsoft.Extensions.Options;
using Npgsql;

namespace BookSaga.Booking.Offers;

/// <summary>
/// Runs the searches of the catalogue, <c>Offers:SearchesAtOnce</c> of them at a time; the others wait their turn. More than the database has processors for
/// would make each slower, and the bookings beside them: with 16 searches at once on two processors the p99 falls from 105 to 8 ms (<c>make bench</c>).
/// </summary>
internal sealed class CatalogueQueries(NpgsqlDataSource db, IOptions<BookingOptions> options) : IDisposable
{
    private readonly SemaphoreSlim _turns = new(options.Value.SearchesAtOnce);

    /// <summary>All rows of <paramref name="sql"/>, one of few texts, which is prepared: planning a search takes as long as running it.</summary>
    internal Task<List<T>> PreparedAsync<T>(string sql, Func<DbDataReader, T> read, CancellationToken ct, params object?[] args) =>
        RunAsync(sql, command => command.StepAsync(read, ct), args, ct);

    /// <summary>All rows of <paramref name="sql"/>, one of many texts.</summary>
    internal Task<List<T>> AllAsync<T>(string sql, Func<DbDataReader, T> read, CancellationToken ct, params object?[] args) =>
        RunAsync(sql, command => command.ReadAllAsync(read, ct), args, ct);

    /// <inheritdoc />
    public void Dispose() => _turns.Dispose();

    private async Task<List<T>> RunAsync<T>(string sql, Func<NpgsqlCommand, Task<List<T>>> run, object?[] args, CancellationToken ct)
    {
        await _turns.WaitAsync(ct);
        try
        {
            await using NpgsqlConnection connection = await db.OpenConnectionAsync(ct);
            await using NpgsqlCommand command = connection.Sql(sql, args);
            return await run(command);
        }
        finally
        {
            _turns.Release();
        }
    }
}
