using System.Globalization;
using BookSaga.Launcher.Chaos;
using Npgsql;

namespace BookSaga.Load;

/// <summary>Finished sagas by the million, put into all services' tables as the saga leaves them: offers, claims, bookings, transfers, postings, balances, received events.</summary>
internal sealed class History(Databases databases)
{
    private const int Chunk = 100_000;
    private const string Id = "('01900000-0000-7000-8000-' || lpad(to_hex(i), 12, '0'))::uuid";
    private const string Customer = "($3::uuid[])[CASE WHEN i <= 10000 THEN 1 ELSE 1 + i % cardinality($3::uuid[]) END]";
    private const int PriceMinor = 100;
    private int _added;

    // Company i % 1000; a place in the past year.
    private static readonly (string Database, string Sql)[] Parts =
    [
        ("booking", $$"""
            INSERT INTO offer (id, company_id, service_id, price_minor, datetime, description, status, booking_id, customer_id, customer, created_by)
            OVERRIDING SYSTEM VALUE
            SELECT $4 + i, 1 + i % 1000, 7 + i % 28, {{PriceMinor}}, now() + interval '2 days' + i * interval '1 second', 'An appointment', 'paid', {{Id}}, {{Customer}}, '{}', '00000000-0000-7000-8000-000000000001'
            FROM generate_series($1::bigint, $2::bigint) i
            """),
        ("booking", $"""
            INSERT INTO reservation (booking_id, offer_id, customer_id, outcome, state, live, paid_at)
            SELECT {Id}, $4 + i, {Customer}, 'held', 'paid', true, now() FROM generate_series($1::bigint, $2::bigint) i
            """),
        ("customer", $$"""
            INSERT INTO booking (id, customer_id, offer_id, customer, status, price_minor, company_id, snapshot, live, next_at, deadline, created_at, finished_at)
            SELECT {{Id}}, {{Customer}}, $4 + i, json_build_object('id', {{Customer}}, 'first_name', 'Load', 'last_name', 'Client', 'email', 'client@example.com'), 'paid', {{PriceMinor}}, 1 + i % 1000,
                   json_build_object('offer', json_build_object('id', $4 + i, 'service_id', 7 + i % 28, 'service_name', 'A service', 'company_id', 1 + i % 1000, 'company_name', 'Company', 'location', NULL,
                        'datetime', '2026-01-01T00:00:00Z', 'description', 'An appointment', 'price', 1, 'status', 'reserved', 'cancel_reason', NULL,
                        'created_by', '00000000-0000-7000-8000-000000000001', 'created_at', '2026-01-01T00:00:00Z', 'updated_at', '2026-01-01T00:00:00Z'),
                     'company', json_build_object('id', 1 + i % 1000, 'version', 1, 'name', 'Company', 'address', 'High Street', 'phone', '1', 'email', NULL, 'location', NULL, 'active', true,
                        'refundable_hours', 24, 'manager_emails', json_build_array()),
                     'service_names', json_build_object('ru', 'Услуга', 'en', 'A service')),
                   false, now(), now(), now() - interval '1 year' + i * interval '1 second', now() - interval '1 year' + i * interval '1 second'
            FROM generate_series($1::bigint, $2::bigint) i
            """),
        ("payment", $"""
            WITH rows AS (
                SELECT i, {Customer} AS customer_id FROM generate_series($1::bigint, $2::bigint) i
            ), moved AS (
                INSERT INTO transfer (id, type, status, customer_id, company_id, offer_id, amount_minor, balance_after)
                SELECT {Id}, 'payment', 'completed', r.customer_id, 1 + i % 1000, $4 + i, {PriceMinor},
                       a.balance_minor - {PriceMinor} * row_number() OVER (PARTITION BY r.customer_id ORDER BY i)
                FROM rows r JOIN account a ON a.customer_id = r.customer_id ORDER BY i
                RETURNING seq, customer_id, company_id
            ), paid AS (
                UPDATE account a SET balance_minor = a.balance_minor - {PriceMinor} * m.count
                FROM (SELECT customer_id, count(*) FROM moved GROUP BY customer_id) m WHERE a.customer_id = m.customer_id
            )
            INSERT INTO posting (account_id, transfer_seq, amount_minor)
            SELECT p.account_id, m.seq, p.amount FROM moved m
            JOIN account payer ON payer.customer_id = m.customer_id JOIN account payee ON payee.company_id = m.company_id
            CROSS JOIN LATERAL (VALUES (payer.id, -{PriceMinor}), (payee.id, {PriceMinor})) AS p (account_id, amount)
            """),
    ];

    /// <summary>Adds <paramref name="count"/>, the first ten thousand of them the first customer's.</summary>
    internal async Task AddAsync(int count, Guid[] customers, Action<string> say)
    {
        // The companies' accounts first: a statement does not see what another part of it has added.
        await ExecuteAsync("payment", "INSERT INTO account (kind, company_id) SELECT 'company', c FROM generate_series(1, 1000) c ON CONFLICT (company_id) DO NOTHING");
        long offer = await databases.CountAsync("booking", "SELECT coalesce(max(id), 0) FROM offer") - _added;
        for (int done = 0; done < count; done += Chunk)
        {
            foreach ((string database, string sql) in Parts)
            {
                await ExecuteAsync(database, sql, (long)_added + done + 1, (long)_added + Math.Min(count, done + Chunk), customers, offer);
            }
            say(string.Create(CultureInfo.InvariantCulture, $"{Math.Min(count, done + Chunk):N0} of {count:N0} finished sagas"));
        }
        _added += count;
        await ExecuteAsync("booking", "SELECT setval(pg_get_serial_sequence('offer', 'id'), (SELECT max(id) FROM offer))");
        foreach (string database in (string[])["booking", "customer", "payment"])
        {
            await ExecuteAsync(database, "VACUUM (ANALYZE)");
        }
        await ExecuteAsync("postgres", "CHECKPOINT");
    }

    private async Task ExecuteAsync(string database, string sql, params object[] arguments)
    {
        await using var connection = new NpgsqlConnection(databases.Address(database));
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 0 };
        foreach (object argument in arguments)
        {
            command.Parameters.AddWithValue(argument);
        }
        await command.ExecuteNonQueryAsync();
    }
}
