using System.Diagnostics;
using BookSaga.Hosting.Data;

namespace BookSaga.Payment.Tests;

[Collection("alone")] // it takes the machine for itself for some seconds
[CollectionDefinition("alone", DisableParallelization = true)]
public sealed class BigLedgerTests(LedgerWorld world) : IClassFixture<LedgerWorld>
{
    [Fact]
    public async Task A_hundred_thousand_transfers_are_sealed_and_verified_in_little_memory()
    {
        await world.Database.Db.ExecuteAsync(
            """
            INSERT INTO account (kind, customer_id, balance_minor) SELECT 'customer', md5(g::text)::uuid, 10000 FROM generate_series(0, 999) g;
            INSERT INTO transfer (id, type, status, customer_id, amount_minor, balance_after)
            SELECT gen_random_uuid(), 'top-up', 'completed', md5((g % 1000)::text)::uuid, 100, 100 * (1 + g / 1000) FROM generate_series(0, 99999) g;
            INSERT INTO posting (account_id, transfer_seq, amount_minor) SELECT a.id, t.seq, t.amount_minor FROM transfer t JOIN account a ON a.customer_id = t.customer_id;
            INSERT INTO posting (account_id, transfer_seq, amount_minor) SELECT a.id, t.seq, -t.amount_minor FROM transfer t JOIN account a ON a.kind = 'cash';
            """, default);
        long heap = GC.GetTotalMemory(forceFullCollection: true);
        long peak = 0;
        await using var watch = new Timer(_ => peak = Math.Max(peak, GC.GetGCMemoryInfo(GCKind.Any).HeapSizeBytes), null, 0, 20);
        var clock = Stopwatch.StartNew();

        (await world.SealAsync()).ShouldBe(100_000);
        TimeSpan sealing = clock.Elapsed;
        (await world.FaultAsync(unsealed: TimeSpan.Zero)).ShouldBeNull();

        TestContext.Current.SendDiagnosticMessage($"sealed in {sealing.TotalSeconds:F1} s, verified in {(clock.Elapsed - sealing).TotalSeconds:F1} s, heap {heap >> 20} to {peak >> 20} MB");
        (peak - heap).ShouldBeLessThan(100L << 20);
    }
}
