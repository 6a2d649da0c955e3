using BookSaga.Hosting.Data;
using Npgsql;

namespace BookSaga.Hosting.Tests.Events;

/// <summary>The outbox stays cheap whatever PostgreSQL does with a table that is filled and emptied all day.</summary>
public sealed class OutboxRelayTests(Servers servers)
{
    [Fact]
    public async Task Rows_that_are_deleted_and_still_seen_by_somebody_are_not_walked_over_again_and_again()
    {
        const int Events = 10_000;
        await using Wire wire = await Wire.CreateAsync(servers, broker: false);
        await wire.AddReceiverAsync();
        Peer sender = await wire.AddSenderAsync();
        // As a backup does. What it sees cannot be taken out of the indexes.
        await using NpgsqlConnection backup = await wire.SenderDb.Db.OpenConnectionAsync();
        await using NpgsqlTransaction snapshot = await backup.BeginTransactionAsync(System.Data.IsolationLevel.RepeatableRead);
        await using NpgsqlCommand look = backup.Sql("SELECT count(*) FROM outbox");
        await look.ExecuteNonQueryAsync();

        await wire.RecordAsync(1, Events);
        await wire.SenderDb.Db.ExecuteAsync("UPDATE outbox SET next_at = now() - interval '1 hour' + (payload->>'number')::int * interval '50 ms'", default);
        await wire.ArrivedAsync(Events);
        await wire.StopAsync(sender); // which tells PostgreSQL's statistics what it has read

        long read = 0;
        await Until.TrueAsync(async () => (read = await wire.SenderDb.Db.QueryFirstAsync("SELECT idx_tup_read FROM pg_stat_user_indexes WHERE indexrelname = 'outbox_due'", r => r.GetInt64(0), default)) >= Events);
        // Twice and a half each, and all of them once a second; fifty batches that begin at the beginning would read a quarter of a million.
        read.ShouldBeLessThan(120_000);
    }

    [Fact]
    public async Task An_event_that_is_committed_late_is_found_though_later_ones_have_gone()
    {
        await using Wire wire = await Wire.OpenAsync(servers, broker: false);
        await wire.RecordAsync(1, 10);
        await wire.ArrivedAsync(10);

        await wire.SenderDb.Db.ExecuteAsync(
            "INSERT INTO outbox (destination, type, payload, next_at) VALUES ('receiver', $1, '{\"number\": 11}', now() - interval '1 hour')", default, Consumer.Happened);

        await wire.ArrivedAsync(11);
    }

    [Fact]
    public async Task An_outbox_that_was_cut_down_to_nothing_is_not_read_whole_when_it_has_grown_again()
    {
        await using Wire wire = await Wire.CreateAsync(servers, broker: false);
        Peer sender = await wire.AddSenderAsync();
        await wire.StopAsync(sender);
        await wire.RecordAsync(1, 1000);
        await wire.SenderDb.Db.ExecuteAsync("DELETE FROM outbox WHERE id > 2", default);
        await wire.SenderDb.Db.ExecuteAsync("VACUUM ANALYZE outbox", default);
        await using NpgsqlConnection connection = await wire.SenderDb.Db.OpenConnectionAsync();
        await using NpgsqlTransaction transaction = await connection.BeginTransactionAsync();
        (long Whole, long Index) before = await ScansAsync();

        string[] places = await ReadAsync("SELECT place FROM take_outbox('receiver', '-infinity', 200)", row => row.GetString(0));
        await ReadAsync("SELECT delete_outbox($1)", _ => 0, [places]);

        places.Length.ShouldBe(2);
        // One look into an index, for the first; the second knows where its rows are.
        (await ScansAsync()).ShouldBe((before.Whole, before.Index + 1));
        (await ReadAsync("SELECT count(*) FROM outbox", row => row.GetInt64(0))).ShouldBe([0]);

        async Task<(long, long)> ScansAsync() =>
            (await ReadAsync("SELECT seq_scan, idx_scan FROM pg_stat_xact_user_tables WHERE relname = 'outbox'", row => (row.GetInt64(0), row.GetInt64(1)))).Single();

        async Task<T[]> ReadAsync<T>(string sql, Func<System.Data.Common.DbDataReader, T> read, params object[] values)
        {
            await using NpgsqlCommand command = connection.Sql(sql, values);
            return [.. await command.ReadAllAsync(read, default)];
        }
    }
}
