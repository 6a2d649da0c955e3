using BookSaga.Contracts.Payment;
using BookSaga.Hosting.Data;

namespace BookSaga.Payment.Tests;

/// <summary>Every change that a superuser can make to the ledger is found, and named.</summary>
public sealed class TamperingTests(TamperingTests.Ledger ledger) : IClassFixture<TamperingTests.Ledger>
{
    // In the middle of the ledger there is a completed payment; its number is {seq}, and {block} is the block around it.
    [Theory]
    [InlineData("UPDATE transfer SET seq = DEFAULT WHERE seq = {seq}", "no such transfer")]
    [InlineData("UPDATE transfer SET id = gen_random_uuid() WHERE seq = {seq}", "Merkle root")]
    [InlineData("UPDATE transfer SET type = 'top-up' WHERE seq = {seq}", "transfer {seq}: a top-up of 500")]
    [InlineData("UPDATE transfer SET type = 'retained', id = gen_random_uuid() WHERE seq = {seq}", "transfer {seq}: a retained of 500")]
    [InlineData("UPDATE transfer SET status = 'refused' WHERE seq = {seq}", "transfer {seq}: a payment of 500, refused")]
    [InlineData("UPDATE transfer SET customer_id = gen_random_uuid() WHERE seq = {seq}", "for transfer {seq}: the account is not the transfer's")]
    [InlineData("UPDATE transfer SET company_id = company_id + 1 WHERE seq = {seq}", "for transfer {seq}: the account is not the transfer's")]
    [InlineData("UPDATE transfer SET company_id = NULL WHERE seq = {seq}", "for transfer {seq}: the account is not the transfer's")]
    [InlineData("UPDATE transfer SET offer_id = offer_id + 1 WHERE seq = {seq}", "Merkle root")]
    [InlineData("UPDATE transfer SET offer_id = NULL WHERE seq = {seq}", "Merkle root")]
    [InlineData("UPDATE transfer SET amount_minor = amount_minor + 1 WHERE seq = {seq}", "transfer {seq}: a payment of 501")]
    [InlineData("UPDATE transfer SET reason = '' WHERE seq = {seq}", "Merkle root")]
    [InlineData("UPDATE transfer SET balance_after = balance_after + 1 WHERE seq = {seq}", "Merkle root")]
    [InlineData("UPDATE transfer SET created_at = created_at + interval '1 microsecond' WHERE seq = {seq}", "Merkle root")]
    [InlineData("UPDATE posting SET account_id = 1 WHERE transfer_seq = {seq} AND amount_minor > 0", "for transfer {seq}: the account is not the transfer's")]
    [InlineData("UPDATE posting SET account_id = 999 WHERE transfer_seq = {seq} AND amount_minor > 0", "for transfer {seq}: no such account")]
    [InlineData("UPDATE posting SET transfer_seq = -1 WHERE transfer_seq = {seq}", "for transfer -1: no such transfer")]
    [InlineData("UPDATE posting SET amount_minor = amount_minor + 1 WHERE transfer_seq = {seq} AND amount_minor > 0", "transfer {seq}: a payment of 500")]
    [InlineData("UPDATE posting SET amount_minor = 2 * amount_minor WHERE transfer_seq = {seq}", "transfer {seq}: a payment of 500")]
    [InlineData("UPDATE posting SET amount_minor = 2 * amount_minor WHERE transfer_seq = {seq}; UPDATE transfer SET amount_minor = 2 * amount_minor WHERE seq = {seq}", "Merkle root")]
    [InlineData("DELETE FROM posting WHERE transfer_seq = {seq}", "transfer {seq}: a payment of 500, completed, has the postings []")]
    [InlineData("DELETE FROM transfer WHERE seq = {seq}", "no such transfer")]
    [InlineData("DELETE FROM posting WHERE transfer_seq = {seq}; DELETE FROM transfer WHERE seq = {seq}", "block {block}: transfers")]
    [InlineData("DELETE FROM posting WHERE transfer_seq = (SELECT min(seq) FROM transfer); DELETE FROM transfer WHERE seq = (SELECT min(seq) FROM transfer)", "block 1: transfers")]
    [InlineData("DELETE FROM posting WHERE transfer_seq = (SELECT max(seq) FROM transfer); DELETE FROM transfer WHERE seq = (SELECT max(seq) FROM transfer)", "block 3: transfers")]
    [InlineData("INSERT INTO transfer OVERRIDING SYSTEM VALUE SELECT 0, gen_random_uuid(), 'payment', 'refused', customer_id, company_id, offer_id, 1, 'x', 0, created_at FROM transfer WHERE seq = {seq}", "block 1: transfers")]
    [InlineData("INSERT INTO transfer (id, type, status, customer_id, amount_minor, balance_after) SELECT gen_random_uuid(), 'payment', 'refused', customer_id, 1, 0 FROM transfer WHERE seq = {seq}", "in no block")]
    [InlineData("UPDATE block SET number = number + 10 WHERE number = {block}", "block {block}: missing")]
    [InlineData("UPDATE block SET number = number + 10 WHERE number = 3", "block 3: missing")]
    [InlineData("UPDATE block SET first_seq = first_seq - 1 WHERE number = {block}", "block {block}: its hash")]
    [InlineData("UPDATE block SET last_seq = last_seq + 1 WHERE number = 3", "block 3: its hash")]
    [InlineData("UPDATE block SET count = count + 1 WHERE number = {block}", "block {block}: its hash")]
    [InlineData("UPDATE block SET transfers = transfers + 1 WHERE number = {block}", "block {block}: its hash")]
    [InlineData("UPDATE block SET trial_balance = 1 WHERE number = {block}", "block {block}: its hash")]
    [InlineData("UPDATE block SET merkle_root = sha256('x') WHERE number = {block}", "block {block}: its hash")]
    [InlineData("UPDATE block SET previous_hash = sha256('x') WHERE number = {block}", "block {block}: its previous hash")]
    [InlineData("UPDATE block SET hash = sha256('x') WHERE number = {block}", "block {block}: its hash")]
    [InlineData("UPDATE block SET sealed_at = sealed_at + interval '1 microsecond' WHERE number = {block}", "block {block}: its hash")]
    [InlineData("DELETE FROM block WHERE number = 1", "block 1: missing")]
    [InlineData("DELETE FROM block WHERE number = {block}", "block {block}: missing")]
    [InlineData("DELETE FROM block WHERE number = 3", "in no block")]
    [InlineData("UPDATE account SET balance_minor = balance_minor + 1 WHERE customer_id = (SELECT customer_id FROM transfer WHERE seq = {seq})", "the balance is 1001, its postings sum to 1000")]
    [InlineData("UPDATE account SET customer_id = gen_random_uuid() WHERE customer_id = (SELECT customer_id FROM transfer WHERE seq = {seq})", "the account is not the transfer's")]
    [InlineData("UPDATE account SET company_id = 99 WHERE company_id = 1", "the account is not the transfer's")]
    public async Task Tampering_is_named(string sql, string fault)
    {
        await ledger.World.TamperAsync(ledger.Fill(sql));
        string? found = await ledger.World.FaultAsync(unsealed: TimeSpan.Zero);
        await ledger.RestoreAsync();

        found.ShouldNotBeNull().ShouldContain(ledger.Fill(fault));
        (await ledger.World.FaultAsync(unsealed: TimeSpan.Zero)).ShouldBeNull();
    }

    [Fact]
    public async Task A_history_rewritten_with_all_its_hashes_differs_from_the_head_that_somebody_noted()
    {
        string head = await ledger.World.Database.Db.QueryFirstAsync("SELECT encode(hash, 'hex') FROM block WHERE number = 3", row => row.GetString(0), default) ?? "";
        await ledger.World.TamperAsync(ledger.Fill("UPDATE transfer SET offer_id = 2 WHERE seq = {seq}; TRUNCATE block"));
        await ledger.World.SealAsync();
        (int code, string text) alone = await ledger.World.CommandAsync();
        (int code, string text) compared = await ledger.World.CommandAsync("3", head);
        await ledger.RestoreAsync();

        alone.code.ShouldBe(0);
        compared.ShouldBe((1, "invalid: block 3: missing, but its hash was noted"));
        (await ledger.World.CommandAsync("3", head)).Code.ShouldBe(0);
        (await ledger.World.CommandAsync("2", head)).Text.ShouldContain("block 2: its hash is");
    }

    [Fact]
    public async Task A_ledger_that_cannot_be_verified_is_neither_right_nor_wrong()
    {
        (await ledger.World.CommandAsync("3")).Code.ShouldBe(2);
        (await ledger.World.CommandAsync("three", "hash")).Text.ShouldStartWith("usage: ");
        (await ledger.World.CommandAsync("--Database:Url=postgres://nobody@127.0.0.1:1/none")).Code.ShouldBe(0, "the later setting counts");
        await using var output = new StringWriter();
        (await BookSaga.Payment.Ledger.VerifyCommand.RunAsync(["verify", "--Database:Url=postgres://nobody@127.0.0.1:1/none"], output, default)).ShouldBe(2);
        output.ToString().ShouldStartWith("not verified: ");
    }

    /// <summary>Three blocks with every kind of transfer, and a copy of all rows.</summary>
    public sealed class Ledger : IAsyncLifetime
    {
        private static readonly string[] Tables = ["account", "transfer", "posting", "block"];
        private long _seq;

        public LedgerWorld World { get; } = new();

        public async ValueTask InitializeAsync()
        {
            await World.InitializeAsync();
            TestUser client = await World.ClientAsync(20m);
            await World.SealAsync();
            ChargeItem[] items = [PaymentWorld.Item(client, 500), PaymentWorld.Item(client, 500), PaymentWorld.Item(client, 500), PaymentWorld.Item(client, 9900)];
            await World.ChargeAsync(items);
            await World.SealAsync();
            await World.RefundAsync(items[0]);
            await World.RetainAsync(items[1]);
            await World.SealAsync();
            _seq = await World.OneAsync("SELECT seq FROM transfer WHERE id = $1 AND type = 'payment'", Guid.Parse(items[2].BookingId));
            await World.Database.Db.ExecuteAsync(string.Join(';', Tables.Select(t => $"CREATE TABLE {t}_copy AS TABLE {t}")), default);
        }

        public ValueTask DisposeAsync() => World.DisposeAsync();

        public Task RestoreAsync() => World.TamperAsync(
            $"TRUNCATE {string.Join(", ", Tables)}; {string.Join(';', Tables.Select(t => $"INSERT INTO {t} OVERRIDING SYSTEM VALUE TABLE {t}_copy"))}");

        public string Fill(string text) => text.Replace("{seq}", $"{_seq}", StringComparison.Ordinal).Replace("{block}", "2", StringComparison.Ordinal);
    }
}
