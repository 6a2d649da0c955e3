using System.Text.Json;
using BookSaga.Hosting.Data;
using BookSaga.Payment.Ledger;
using BookSaga.Payment.Steps;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace BookSaga.Payment.Tests;

public sealed class SealingTests(LedgerWorld world) : IClassFixture<LedgerWorld>
{
    private const string ChargeSql = "SELECT ord FROM charge(ARRAY[$1], ARRAY[$2], ARRAY[1::bigint], ARRAY[1::bigint], ARRAY[100::bigint])";
    private const string BlocksWithSql = "SELECT count(*) FROM block WHERE $1 BETWEEN first_seq AND last_seq";
    private const string LastSealedSql = "SELECT coalesce(max(last_seq), 0) FROM block";

    [Theory]
    [InlineData("UPDATE transfer SET reason = 'x'")]
    [InlineData("UPDATE transfer SET amount_minor = 1 WHERE seq = -1")]
    [InlineData("DELETE FROM transfer")]
    [InlineData("TRUNCATE transfer CASCADE")]
    [InlineData("UPDATE posting SET amount_minor = 1")]
    [InlineData("DELETE FROM posting")]
    [InlineData("TRUNCATE posting")]
    [InlineData("UPDATE block SET count = 1")]
    [InlineData("DELETE FROM block")]
    [InlineData("TRUNCATE block")]
    [InlineData("UPDATE account SET customer_id = gen_random_uuid() WHERE kind = 'customer'")]
    [InlineData("DELETE FROM account")]
    [InlineData("TRUNCATE account CASCADE")]
    public async Task The_database_refuses_to_rewrite_the_ledger(string sql)
    {
        await world.ClientAsync(5m);
        await world.SealAsync();

        PostgresException refusal = await Should.ThrowAsync<PostgresException>(() => world.Database.Db.ExecuteAsync(sql, default));

        refusal.MessageText.ShouldStartWith("the ledger is append-only");
    }

    [Fact]
    public async Task A_transfer_that_commits_late_is_in_one_later_block_and_stops_no_block_before_it()
    {
        TestUser slow = await world.ClientAsync(5m);
        TestUser quick = await world.ClientAsync(5m);
        // The company's account is there before: else the quick charge would wait for the slow one to make it.
        await world.ChargeAsync(PaymentWorld.Item(quick, 100));
        await using NpgsqlConnection connection = await world.Database.Db.OpenConnectionAsync();
        await using NpgsqlTransaction late = await connection.BeginTransactionAsync();
        var booking = Guid.CreateVersion7();
        await using (NpgsqlCommand charge = connection.Sql(ChargeSql, booking, slow.Id))
        {
            await charge.ExecuteNonQueryAsync();
        }
        await using NpgsqlCommand own = connection.Sql("SELECT seq FROM transfer WHERE id = $1", booking);
        long seq = (await own.ReadAllAsync(row => row.GetInt64(0), default))[0];
        await world.ChargeAsync(PaymentWorld.Item(quick, 100));
        (await world.OneAsync("SELECT max(seq) FROM transfer")).ShouldBeGreaterThan(seq);

        await Task.WhenAll(world.SealAsync(), world.SealAsync());
        (await world.OneAsync(LastSealedSql)).ShouldBeLessThan(seq);
        (await world.FaultAsync()).ShouldBeNull();
        await late.CommitAsync();
        await world.SealAsync();

        (await world.OneAsync(BlocksWithSql, seq)).ShouldBe(1);
        (await world.OneAsync(LastSealedSql)).ShouldBe(await world.OneAsync("SELECT max(seq) FROM transfer"));
        (await world.FaultAsync(unsealed: TimeSpan.Zero)).ShouldBeNull();
    }

    [Fact]
    public async Task A_number_taken_before_the_transaction_has_an_id_is_waited_for_too()
    {
        // The number is drawn first, then the row sleeps, and only then does writing it give the transaction its id.
        var late = Guid.CreateVersion7();
        Task insert = world.Database.Db.ExecuteAsync(
            "INSERT INTO transfer (id, type, status, customer_id, offer_id, amount_minor, reason, balance_after) VALUES ($1, 'payment', 'refused', $1, 1, 1, 'cancelled', (SELECT 0 FROM pg_sleep(0.4)))",
            default, late);
        await Until.TrueAsync(async () => await world.OneAsync("SELECT count(*) FROM pg_locks WHERE relation = 'transfer'::regclass AND mode = 'RowExclusiveLock'") > 0);
        await world.ClientAsync(5m);

        while (!insert.IsCompleted)
        {
            await world.SealAsync();
        }
        await insert;
        await world.SealAsync();

        (await world.OneAsync("SELECT count(*) FROM transfer t JOIN block b ON t.seq BETWEEN b.first_seq AND b.last_seq WHERE t.id = $1", late)).ShouldBe(1);
        (await world.FaultAsync(unsealed: TimeSpan.Zero)).ShouldBeNull();
    }

    [Fact]
    public async Task Two_replicas_seal_a_busy_ledger_with_late_commits_and_rollbacks_without_gaps()
    {
        await using var replica = new TestService<PaymentSteps>(world.Authority, world.Database.Url, new() { ["Ledger:SealInterval"] = "00:00:00.05" });
        await replica.StartAsync();
        TestUser[] clients = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => world.ClientAsync(500m)));
        long before = await world.OneAsync("SELECT coalesce(max(number), 0) FROM block");
        using var busy = new CancellationTokenSource(TimeSpan.FromSeconds(4));

        Task sealer = Task.Run(async () =>
        {
            while (!busy.IsCancellationRequested)
            {
                await world.SealAsync();
            }
        });
        await using NpgsqlDataSource db = NpgsqlDataSource.Create(world.Database.Url);
        await Task.WhenAll(clients.Select((client, i) => ChargeForAWhileAsync(db, client, new Random(i), busy.Token)));
        await sealer;
        // A replica that is sealing at this moment does the rest in our place.
        await Until.TrueAsync(async () =>
        {
            await world.SealAsync();
            return await world.OneAsync("SELECT sum(count)::bigint FROM block") == await world.OneAsync("SELECT count(*) FROM transfer");
        });

        (await world.OneAsync("SELECT max(number) FROM block")).ShouldBeGreaterThan(before + 5);
        (await world.FaultAsync(unsealed: TimeSpan.Zero)).ShouldBeNull();
    }

    [Fact]
    public async Task Anyone_can_read_the_head_and_any_block_and_sees_a_balance_of_0()
    {
        TestUser client = await world.ClientAsync(20m);
        await world.ChargeAsync(PaymentWorld.Item(client, 1250), PaymentWorld.Item(client, 1250));
        await world.SealAsync();
        using HttpClient http = world.Service.Http(null);

        JsonElement ledger = await http.GetAsync("/api/v1/ledger").JsonAsync(200);
        JsonElement head = ledger.GetProperty("block");
        JsonElement block = await http.GetAsync($"/api/v1/ledger/blocks/{head.GetProperty("number")}").JsonAsync(200);

        ledger.GetProperty("trial_balance").GetRawText().ShouldBe("0");
        ledger.GetProperty("transfers").GetInt64().ShouldBe(await world.OneAsync("SELECT count(*) FROM transfer"));
        block.GetRawText().ShouldBe(head.GetRawText());
        await http.GetAsync("/api/v1/ledger/blocks/0").ProblemAsync(404, "block not found");
        (int code, string text) = await world.CommandAsync(head.GetProperty("number").GetRawText(), head.GetProperty("hash").GetString()!);
        (code, text.StartsWith("valid: ", StringComparison.Ordinal)).ShouldBe((0, true));
    }

    [Fact]
    public async Task The_age_of_what_is_not_sealed_is_a_metric()
    {
        await world.ClientAsync(1m);
        await world.Service.Services.GetRequiredService<LedgerMetrics>().RefreshAsync(default);
        using HttpClient http = world.Service.Http(null);

        (await http.GetStringAsync("/metrics")).ShouldContain("booksaga_ledger_oldest_unsealed_seconds{");
    }

    private static async Task ChargeForAWhileAsync(NpgsqlDataSource db, TestUser client, Random random, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            await using NpgsqlConnection connection = await db.OpenConnectionAsync(default);
            await using NpgsqlTransaction transaction = await connection.BeginTransactionAsync(default);
            // Some of nobody's: the account's lock gives the others their transaction id early.
            await using NpgsqlCommand charge = connection.Sql(ChargeSql, Guid.CreateVersion7(), random.Next(3) == 0 ? Guid.NewGuid() : client.Id);
            await charge.ExecuteNonQueryAsync(default);
            await Task.Delay(random.Next(30), default);
            await (random.Next(5) == 0 ? transaction.RollbackAsync(default) : transaction.CommitAsync(default));
        }
    }
}
