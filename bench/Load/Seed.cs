using System.Globalization;
using BookSaga.Launcher.Chaos;
using Npgsql;

namespace BookSaga.Load;

/// <summary>Offers and companies by the million, put into booking's tables by SQL; posting them one by one would take hours and measure something else.</summary>
internal sealed class Seed(Databases databases)
{
    private const int Companies = 1_000;
    private const int Chunk = 250_000;

    private static readonly string CompanySql = string.Create(CultureInfo.InvariantCulture, $$$"""
        INSERT INTO company (id, version, name, location, active, data)
        SELECT i, 1, 'Company ' || i, NULL, true, jsonb_build_object(
            'id', i, 'version', 1, 'name', 'Company ' || i, 'address', i || ' High Street', 'phone', '+44 20 7946 0000', 'email', 'company.' || i || '@example.com',
            'location', NULL, 'active', true, 'refundable_hours', 24, 'manager_emails', jsonb_build_array('manager.' || i || '@example.com'))
        FROM generate_series(1, {{{Companies}}}) i ON CONFLICT (id) DO NOTHING
        """);

    // Every second offer is the first company's, the rest are spread; half of all times are in the next week, the rest in the year after it.
    private const string OfferSql = """
        INSERT INTO offer (company_id, service_id, price_minor, datetime, description, created_by)
        SELECT CASE i % 2 WHEN 0 THEN 1 ELSE 1 + (i / 2) % 1000 END, 7 + i % 28, 100 + i % 28 * 25,
               date_trunc('minute', now()) + interval '1 day' + CASE (i / 28) % 2 WHEN 0 THEN (i * 7919 % 10080) * interval '1 minute' ELSE (i * 7919 % 525600) * interval '1 minute' END,
               'An appointment', '00000000-0000-7000-8000-000000000001'
        FROM generate_series($1::bigint, $2::bigint) i
        """;

    /// <summary>Open offers until there are <paramref name="count"/> more; gives the first id of the new ones.</summary>
    internal async Task<long> OffersAsync(long count, Action<string> say)
    {
        await ExecuteAsync(CompanySql);
        long first = await databases.CountAsync("booking", "SELECT coalesce(max(id), 0) + 1 FROM offer");
        for (long done = 0; done < count; done += Chunk)
        {
            long chunk = Math.Min(Chunk, count - done);
            await ExecuteAsync(OfferSql, first + done, first + done + chunk - 1);
            if (count > Chunk)
            {
                say(string.Create(CultureInfo.InvariantCulture, $"{done + chunk:N0} of {count:N0} offers"));
            }
        }
        await ExecuteAsync("VACUUM (ANALYZE) offer");
        await ExecuteAsync("VACUUM (ANALYZE) company");
        await ExecuteAsync("CHECKPOINT");
        return first;
    }

    private async Task ExecuteAsync(string sql, params long[] arguments)
    {
        await using var connection = new NpgsqlConnection(databases.Address("booking"));
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 0 };
        foreach (long argument in arguments)
        {
            command.Parameters.AddWithValue(argument);
        }
        await command.ExecuteNonQueryAsync();
    }
}
