using System.Net.Http.Headers;
using System.Text.Json;
using BookSaga.Contracts.Audit;
using BookSaga.Customer.Audit;
using BookSaga.Hosting.Data;

namespace BookSaga.Saga.Tests;

/// <summary>The auditor finds each kind of corruption when it is planted, and takes it back when it is mended.</summary>
public sealed class AuditorTests(AuditorTests.World world) : IClassFixture<AuditorTests.World>
{
    public sealed class World : SagaWorld
    {
        public HttpClient OperatorHttp() => new()
        {
            BaseAddress = CustomerHttp(TestUser.New()).BaseAddress,
            DefaultRequestHeaders =
            {
                Authorization = new AuthenticationHeaderValue("Bearer", Authority.UserToken(
                    TestUser.New(), claims => claims["realm_access"] = new Dictionary<string, object> { ["roles"] = new[] { "operator" } })),
            },
        };

        protected override Dictionary<string, string> CustomerSettings() => new(base.CustomerSettings())
        {
            ["Audit:Interval"] = "00:00:00.1",
            ["Audit:RoundsPerCheck"] = "1",
            ["Audit:CheckShare"] = "1",
        };
    }

    public static TheoryData<string, string, string, string, string> Corruptions() => new()
    {
        { "payment", "UPDATE account SET balance_minor = balance_minor + 1 WHERE customer_id = $2 AND $1 IS NOT NULL", "UPDATE account SET balance_minor = balance_minor - 1 WHERE customer_id = $2 AND $1 IS NOT NULL", "money_is_conserved", "account" },
        { "payment", "UPDATE posting SET amount_minor = amount_minor + 1 WHERE amount_minor > 0 AND transfer_seq = (SELECT seq FROM transfer WHERE id = $1) AND $2 IS NOT NULL", "UPDATE posting SET amount_minor = amount_minor - 1 WHERE amount_minor > 0 AND transfer_seq = (SELECT seq FROM transfer WHERE id = $1) AND $2 IS NOT NULL", "money_is_conserved", "transfer" },
        { "payment", "UPDATE posting SET account_id = -account_id WHERE amount_minor > 0 AND transfer_seq = (SELECT seq FROM transfer WHERE id = $1) AND $2 IS NOT NULL", "UPDATE posting SET account_id = -account_id WHERE amount_minor > 0 AND transfer_seq = (SELECT seq FROM transfer WHERE id = $1) AND $2 IS NOT NULL", "money_is_conserved", "transfer" },
        { "payment", "UPDATE transfer SET status = 'refused' WHERE id = $1 AND $2 IS NOT NULL", "UPDATE transfer SET status = 'completed' WHERE id = $1 AND $2 IS NOT NULL", "paid_means_paid", "booking" },
        { "payment", "INSERT INTO transfer (id, type, status, customer_id, amount_minor, balance_after) SELECT $1, 'retained', 'completed', $2, 1, 0", "DELETE FROM transfer WHERE id = $1 AND type = 'retained' AND $2 IS NOT NULL", "paid_means_paid", "booking" },
        { "booking", "UPDATE offer SET status = 'open' WHERE booking_id = $1 AND $2 IS NOT NULL", "UPDATE offer SET status = 'paid' WHERE booking_id = $1 AND $2 IS NOT NULL", "paid_means_paid", "booking" },
        { "booking", "UPDATE offer SET booking_id = $2 WHERE booking_id = $1", "UPDATE offer SET booking_id = $1 WHERE booking_id = $2", "paid_means_paid", "offer" },
        { "booking", "UPDATE offer SET status = 'reserved' WHERE booking_id = $1 AND $2 IS NOT NULL", "UPDATE offer SET status = 'paid' WHERE booking_id = $1 AND $2 IS NOT NULL", "nothing_hangs", "offer" },
        { "booking", "UPDATE reservation SET state = 'held', paid_at = NULL WHERE booking_id = $1 AND $2 IS NOT NULL", "UPDATE reservation SET state = 'paid', paid_at = now() WHERE booking_id = $1 AND $2 IS NOT NULL", "paid_means_paid", "booking" },
        { "booking", "INSERT INTO reservation (booking_id, offer_id, customer_id, outcome, state, live) SELECT gen_random_uuid(), 1, $2, 'released', 'released', false WHERE $1 IS NOT NULL", "DELETE FROM reservation WHERE customer_id = $2 AND state = 'released' AND $1 IS NOT NULL", "every_booking_is_known", "booking" },
        { "customer", "UPDATE booking SET status = 'failed' WHERE id = $1 AND $2 IS NOT NULL", "UPDATE booking SET status = 'paid' WHERE id = $1 AND $2 IS NOT NULL", "paid_means_paid", "booking" },
    };

    [Theory, MemberData(nameof(Corruptions))]
    public async Task Each_kind_of_corruption_is_found_and_its_repair_too(string service, string plant, string repair, string invariant, string subject)
    {
        long offer = await world.OfferAsync(10m);
        TestUser client = await world.ClientAsync(10m);
        Guid booking = (await world.BookAsync(client, offer).JsonAsync(200)).GetProperty("id").GetGuid();
        TestDatabase database = service switch { "payment" => world.PaymentDb, "booking" => world.BookingDb, _ => world.CustomerDb };
        await FoundAsync(invariant, subject, expected: false);

        await OnAsync(database, plant);
        try
        {
            await FoundAsync(invariant, subject, expected: true);
            using HttpClient http = world.OperatorHttp();
            (await http.GetStringAsync("/readyz")).ShouldContain(invariant);
        }
        finally
        {
            await OnAsync(database, repair);
        }
        await FoundAsync(invariant, subject, expected: false);
        await world.AuditAsync();

        async Task OnAsync(TestDatabase planted, string sql) => (await UnguardedAsync(planted, sql, booking, client.Id)).ShouldBe(1);
    }

    [Fact]
    public async Task A_transfer_that_is_missing_is_told_once_of_its_two_postings_and_the_service_goes_on()
    {
        await using var own = new World();
        await own.InitializeAsync();
        Guid booking = await BookedAsync(own);
        long seq = await SagaWorld.One(own.PaymentDb, "SELECT seq FROM transfer WHERE id = $1", booking);
        using HttpClient http = own.OperatorHttp();

        await UnguardedAsync(own.PaymentDb, "DELETE FROM transfer WHERE id = $1", booking);

        await FoundAsync(http, "money_is_conserved", $"transfer {seq}", expected: true);
        DateTimeOffset seen = DateTimeOffset.UtcNow;
        await Until.TrueAsync(() => Task.FromResult(own.CustomerService<Auditor>().LastRound > seen));
        own.CustomerService<Auditor>().Findings.Count(f => f.Subject == $"transfer {seq}").ShouldBe(1);
    }

    [Fact]
    public async Task A_round_that_trips_over_what_it_reads_is_not_the_last()
    {
        await using var own = new World();
        await own.InitializeAsync();
        Guid booking = await BookedAsync(own);
        Auditor auditor = own.CustomerService<Auditor>();
        await Until.TrueAsync(() => Task.FromResult(auditor.LastRound is not null));
        // One payment cannot be both.
        await own.PaymentDb.Db.ExecuteAsync("DROP INDEX transfer_closed_once", default);
        const string Close = "INSERT INTO transfer (id, type, status, customer_id, amount_minor, balance_after) SELECT id, $2, 'completed', customer_id, 1, 0 FROM transfer WHERE id = $1 AND type = 'payment'";
        await UnguardedAsync(own.PaymentDb, Close, booking, "retained");
        await UnguardedAsync(own.PaymentDb, Close, booking, "refund");
        await Until.TrueAsync(() => Task.FromResult(DateTimeOffset.UtcNow - auditor.LastRound > TimeSpan.FromSeconds(2)), "a round trips");

        await UnguardedAsync(own.PaymentDb, "DELETE FROM transfer WHERE id = $1 AND type = 'refund'", booking);

        using HttpClient http = own.OperatorHttp();
        await FoundAsync(http, "paid_means_paid", "booking", expected: true);
    }

    [Fact]
    public async Task The_metric_says_nothing_before_the_first_round_and_when_the_last_one_is_long_ago()
    {
        Auditor auditor = Microsoft.Extensions.DependencyInjection.ActivatorUtilities.CreateInstance<Auditor>(world.CustomerService<IServiceProvider>());
        auditor.Measured(DateTimeOffset.UtcNow).ShouldBeEmpty();

        await auditor.RoundAsync(default);

        DateTimeOffset last = auditor.LastRound!.Value;
        auditor.Measured(last + TimeSpan.FromMinutes(5)).Count().ShouldBe(AuditRules.Invariants.Length);
        auditor.Measured(last + TimeSpan.FromMinutes(6)).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("booking", "DROP INDEX reservation_one_live_claim", "INSERT INTO reservation (booking_id, offer_id, customer_id, outcome, state, live) SELECT gen_random_uuid(), offer_id, customer_id, 'held', 'held', true FROM reservation WHERE booking_id = $1", "one_winner")]
    [InlineData("payment", "ALTER TABLE account DROP CONSTRAINT account_balance_minor_check", "UPDATE account SET balance_minor = -5 WHERE customer_id = (SELECT customer_id FROM transfer WHERE id = $1 AND type = 'payment')", "no_debt")]
    public async Task What_the_database_forbids_is_found_when_its_guard_is_gone(string service, string unguard, string plant, string invariant)
    {
        await using var own = new World();
        await own.InitializeAsync();
        long offer = await own.OfferAsync(10m);
        TestUser client = await own.ClientAsync(10m);
        Guid booking = (await own.BookAsync(client, offer).JsonAsync(200)).GetProperty("id").GetGuid();
        TestDatabase database = service == "payment" ? own.PaymentDb : own.BookingDb;
        await database.Db.ExecuteAsync(unguard, default);
        await database.Db.ExecuteAsync(plant, default, booking);
        using HttpClient http = own.OperatorHttp();
        await FoundAsync(http, invariant, "", expected: true);
    }

    [Fact]
    public async Task Only_operators_see_the_findings()
    {
        using HttpClient client = world.CustomerHttp(TestUser.New());
        await client.GetAsync("/api/v1/operator/invariants").ProblemAsync(403, "forbidden");
    }

    [Theory]
    [InlineData("pending", true, true, "held", "nothing_hangs")]
    [InlineData("pending", true, false, "held", null)]
    [InlineData("failed", false, false, "held", "nothing_hangs")]
    [InlineData("failed", false, false, "released", null)]
    [InlineData("cancelled", false, false, "paid", "paid_means_paid")]
    public void A_saga_that_nobody_drives_hangs_and_one_that_runs_does_not(string status, bool live, bool overdue, string state, string? invariant) =>
        AuditRules.Broken(new BookingFact(Guid.NewGuid(), status, live, overdue), new ClaimFact { State = state }, null)?.Invariant.ShouldBe(invariant);

    [Fact]
    public void A_booking_that_begins_while_the_others_are_asked_is_not_judged_by_what_they_said()
    {
        var booking = new BookingFact(Guid.NewGuid(), "paid", Live: false, Overdue: false);
        var claim = new ClaimFact { State = "held" }; // booking's answer came late, payment's before the money was taken
        AuditRules.Broken(before: null, after: booking, claim, payment: null).ShouldBeNull();
        AuditRules.Broken(before: booking with { Live = true }, after: booking, claim, payment: null).ShouldBeNull();
        AuditRules.Broken(before: booking, after: booking, claim, payment: null)?.Invariant.ShouldBe("paid_means_paid");
        AuditRules.Broken(before: null, after: null, claim, payment: null)?.Invariant.ShouldBe("every_booking_is_known");
    }

    private static async Task<Guid> BookedAsync(World own)
    {
        long offer = await own.OfferAsync(10m);
        TestUser client = await own.ClientAsync(10m);
        return (await own.BookAsync(client, offer).JsonAsync(200)).GetProperty("id").GetGuid();
    }

    // As a superuser does who switches the table's own guards off. Gives how many rows were changed.
    private static async Task<int> UnguardedAsync(TestDatabase planted, string sql, params object[] args)
    {
        await using Npgsql.NpgsqlConnection connection = await planted.Db.OpenConnectionAsync();
        await using (Npgsql.NpgsqlCommand free = connection.Sql("SET session_replication_role = replica"))
        {
            await free.ExecuteNonQueryAsync();
        }
        int changed;
        await using (Npgsql.NpgsqlCommand change = connection.Sql(sql, args))
        {
            changed = await change.ExecuteNonQueryAsync();
        }
        await using Npgsql.NpgsqlCommand guard = connection.Sql("SET session_replication_role = origin");
        await guard.ExecuteNonQueryAsync();
        return changed;
    }

    private async Task FoundAsync(string invariant, string subject, bool expected)
    {
        using HttpClient http = world.OperatorHttp();
        await FoundAsync(http, invariant, subject, expected);
    }

    private static async Task FoundAsync(HttpClient http, string invariant, string subject, bool expected)
    {
        // The auditor rests twenty times as long as its look took, and on a busy machine a look may take a second.
        await Until.TrueAsync(
            async () =>
            {
                JsonElement report = await http.GetAsync("/api/v1/operator/invariants").JsonAsync(200);
                bool found = report.GetProperty("invariants").EnumerateArray().Single(x => x.GetProperty("name").GetString() == invariant)
                    .GetProperty("violations").EnumerateArray().Any(v => v.GetProperty("subject").GetString()!.StartsWith(subject, StringComparison.Ordinal));
                return found == expected && (expected || report.GetProperty("holds").GetBoolean());
            },
            $"{invariant} of a {subject} is found: {expected}");
    }
}
