using BookSaga.Contracts.People;
using BookSaga.Hosting.Data;
using Npgsql;

namespace BookSaga.Customer.People;

/// <summary>How a person is named to the other services.</summary>
internal static class PersonOf
{
    private const string BookingsSql = "SELECT id FROM booking WHERE customer_id = $1 ORDER BY id";

    internal static async Task<Person> Async(NpgsqlDataSource db, Guid id, string email, CancellationToken ct) => new()
    {
        UserId = id.ToString(),
        Email = email,
        BookingIds = { await db.QueryAsync(BookingsSql, row => row.GetGuid(0).ToString(), ct, id) },
    };
}
