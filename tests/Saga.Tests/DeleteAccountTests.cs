using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using BookSaga.Hosting.Data;
using Npgsql;

namespace BookSaga.Saga.Tests;

[Collection(PeopleWorld.Name)]
public sealed class DeleteAccountTests(PeopleWorld world)
{
    [Fact]
    public async Task A_person_who_goes_is_in_no_table_any_more_and_the_money_still_adds_up()
    {
        (TestUser person, long alone, long shared) = await world.LivedAsync();
        (await world.WhereAsync(person.Email)).Length.ShouldBeGreaterThan(5);

        using HttpResponseMessage answer = await world.DeleteAsync(person, giveUp: true);

        ((int)answer.StatusCode).ShouldBe(204);
        await world.SettleAsync();
        (await world.WhereAsync(person.Email)).ShouldBeEmpty();
        (await world.WhereAsync(person.LastName)).ShouldBeEmpty();
        world.Identity.Deleted.ShouldContain(person.Id);
        (await One(world.CompanyDb, "SELECT count(*) FROM company WHERE active AND id = $1", alone)).ShouldBe(0);
        (await One(world.BookingDb, "SELECT count(*) FROM company WHERE active AND id = $1", alone)).ShouldBe(0);
        (await One(world.CompanyDb, "SELECT count(*) FROM company WHERE active AND id = $1", shared)).ShouldBe(1);
        (await One(world.PaymentDb, "SELECT balance_minor FROM account WHERE customer_id = $1", person.Id)).ShouldBe(0);
        (await One(world.PaymentDb, "SELECT count(*) FROM transfer WHERE customer_id = $1 AND type IN ('top-up', 'payment', 'forfeit')", person.Id)).ShouldBe(3);
        (await One(world.PaymentDb, "SELECT sum(p.amount_minor)::bigint FROM posting p JOIN account a ON a.id = p.account_id WHERE a.kind = 'forfeited' AND p.transfer_seq IN (SELECT seq FROM transfer WHERE customer_id = $1)", person.Id)).ShouldBe(1500);
        (await One(world.NotificationDb, "SELECT count(*) FROM mail WHERE audience = 'client' AND subject <> '' AND to_addresses = '{}'")).ShouldBeGreaterThan(0);
        await world.AuditAsync();
    }

    [Fact]
    public async Task A_token_that_outlives_its_account_opens_nothing_and_makes_nothing_anew()
    {
        TestUser person = await world.ClientAsync(0);
        using HttpClient customer = world.CustomerHttp(person);
        await customer.GetAsync("/api/v1/customer/profile").JsonAsync(200);
        long offer = await world.OfferAsync(1);

        ((int)(await world.DeleteAsync(person)).StatusCode).ShouldBe(204);

        await customer.GetAsync("/api/v1/customer/profile").ProblemAsync(401, "invalid claims");
        await customer.PutAsJsonAsync("/api/v1/customer/profile", new { first_name = "A", last_name = "B" }).ProblemAsync(401, "invalid claims");
        await world.BookAsync(person, offer).ProblemAsync(401, "invalid claims");
        using HttpClient payment = world.PaymentHttp(person);
        ((int)(await payment.PostAsync("/api/v1/customer/payment/top-up", new { amount = 1m })).StatusCode).ShouldBeOneOf(401, 404);
        await payment.PostAsync("/api/v1/customer/payment/create-account", null);
        using HttpClient company = world.CompanyHttp(person);
        await company.PostAsync("/api/v1/company", new { name = "n", address = "a", phone = "p" }).ProblemAsync(401, "invalid claims");
        // Once every process knows, every route says so.
        foreach ((HttpClient http, string path) in new[] { (customer, "/api/v1/customer/bookings"), (payment, "/api/v1/customer/payment/balance"), (company, "/api/v1/company/my") })
        {
            await Until.TrueAsync(async () => (await http.GetAsync(path)).StatusCode == HttpStatusCode.Unauthorized);
            (await http.GetAsync(path).JsonAsync(401)).GetProperty("code").GetString().ShouldBe("account_deleted");
        }
        (await world.WhereAsync(person.Email)).ShouldBeEmpty();
        await world.AuditAsync();
    }

    [Fact]
    public async Task Without_the_own_address_nothing_is_deleted()
    {
        TestUser person = await world.ClientAsync(0);
        using HttpClient http = world.CustomerHttp(person);
        foreach (object? body in new object?[] { new { }, new { confirm = "other@example.com" }, new { confirm = "" } })
        {
            await PeopleWorld.DeleteAsync(http, body).ProblemAsync(400, "confirm must be your own e-mail");
        }
        await PeopleWorld.DeleteAsync(http, new { confirm = " " + person.Email.ToUpperInvariant() }).JsonAsync(204);
    }

    [Fact]
    public async Task A_booking_ahead_holds_its_client_until_it_is_cancelled()
    {
        TestUser client = await world.ClientAsync(10);
        JsonElement booking = await world.BookAsync(client, await world.OfferAsync(10)).JsonAsync(200);

        (await world.DeleteAsync(client).JsonAsync(409)).GetProperty("code").GetString().ShouldBe("bookings_upcoming");

        using HttpClient http = world.CustomerHttp(client);
        await http.PostAsync($"/api/v1/customer/bookings/{booking.GetProperty("id")}/cancel", null).JsonAsync(200);
        (await world.DeleteAsync(client).JsonAsync(409)).GetProperty("code").GetString().ShouldBe("balance_remains");
        (await world.BalanceAsync(client)).ShouldBe(10m);
        await world.BookAsync(client, await world.OfferAsync(4)).JsonAsync(200);
        world.Identity.Deleted.ShouldNotContain(client.Id);
        await world.AuditAsync();
    }

    [Fact]
    public async Task A_booking_that_has_begun_but_is_not_committed_holds_its_client_too()
    {
        TestUser client = await world.ClientAsync(10);
        long offer = await world.OfferAsync(10);
        NpgsqlDataSource db = world.CustomerDb.Db;
        // It has looked whether the person is leaving, and waits before its row is written, which gives its transaction an id.
        await db.ExecuteAsync("CREATE FUNCTION wait() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_advisory_xact_lock_shared(1); RETURN NEW; END $$", default);
        await db.ExecuteAsync("CREATE TRIGGER wait BEFORE INSERT ON booking FOR EACH ROW EXECUTE FUNCTION wait()", default);
        Task<HttpResponseMessage> booking, deletion;
        await using (NpgsqlConnection holder = await db.OpenConnectionAsync())
        {
            await holder.Sql("SELECT pg_advisory_lock(1)").ExecuteNonQueryAsync();
            booking = world.BookAsync(client, offer);
            await Until.TrueAsync(async () => await One(world.CustomerDb, "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted") > 0);
            deletion = world.DeleteAsync(client, giveUp: true);
            await Until.TrueAsync(async () => await One(world.CustomerDb, "SELECT count(*) FROM account_deletion WHERE user_id = $1", client.Id) > 0);
            await Task.Delay(TimeSpan.FromSeconds(1));
            await holder.Sql("SELECT pg_advisory_unlock(1)").ExecuteNonQueryAsync();
        }
        await db.ExecuteAsync("DROP TRIGGER wait ON booking", default);
        await db.ExecuteAsync("DROP FUNCTION wait()", default);

        (await booking.JsonAsync(200)).GetProperty("status").GetString().ShouldBe("paid");
        ((int)(await deletion).StatusCode).ShouldBeOneOf(202, 409);
        await Until.TrueAsync(async () => await One(world.CustomerDb, "SELECT count(*) FROM account_deletion WHERE user_id = $1", client.Id) == 0);
        (await world.DeleteAsync(client).JsonAsync(409)).GetProperty("code").GetString().ShouldBe("bookings_upcoming");
        world.Identity.Deleted.ShouldNotContain(client.Id);
        await world.AuditAsync();
    }

    [Fact]
    public async Task A_company_with_offers_ahead_holds_its_only_admin_and_lets_one_of_two_go()
    {
        TestUser boss = TestUser.New();
        long company = await world.FoundAsync(boss);
        long offer = await world.PostOfferAsync(boss, company);

        (await world.DeleteAsync(boss).JsonAsync(409)).GetProperty("code").GetString().ShouldBe("last_admin");

        // Nothing has changed: they go on working.
        await world.PostOfferAsync(boss, company, inHours: 50);
        await world.InviteAsync(boss, company, TestUser.New());
        ((int)(await world.DeleteAsync(boss)).StatusCode).ShouldBe(204);
        (await world.StatusAsync(offer)).ShouldBe("open");
        (await world.WhereAsync(boss.Email)).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_company_with_offers_ahead_holds_an_admin_when_the_other_one_is_leaving()
    {
        TestUser boss = TestUser.New(), leaving = TestUser.New();
        long company = await world.FoundAsync(boss);
        await world.InviteAsync(boss, company, leaving);
        await world.PostOfferAsync(boss, company);
        await world.CompanyDb.Db.ExecuteAsync("INSERT INTO erased_person (user_id) VALUES ($1)", default, leaving.Id);

        (await world.DeleteAsync(boss).JsonAsync(409)).GetProperty("code").GetString().ShouldBe("last_admin");

        await world.CompanyDb.Db.ExecuteAsync("DELETE FROM erased_person WHERE user_id = $1", default, leaving.Id);
        ((int)(await world.DeleteAsync(boss)).StatusCode).ShouldBe(204);
    }

    [Fact]
    public async Task A_deletion_that_was_undone_locks_nobody_out_though_it_was_noticed()
    {
        TestUser boss = TestUser.New();
        long company = await world.FoundAsync(boss);
        await world.CompanyDb.Db.ExecuteAsync("INSERT INTO erased_person (user_id) VALUES ($1)", default, boss.Id);
        using HttpClient http = world.CompanyHttp(boss);
        await Until.TrueAsync(async () => (await http.GetAsync("/api/v1/company/my")).StatusCode == HttpStatusCode.Unauthorized);
        await http.GetAsync("/api/v1/company/my").ProblemAsync(401, "invalid claims");

        await world.CompanyDb.Db.ExecuteAsync("DELETE FROM erased_person WHERE user_id = $1", default, boss.Id);

        await world.PostOfferAsync(boss, company);
    }

    [Theory]
    [InlineData("Prepare", 1, true)]
    [InlineData("Prepare", 2, true)]
    [InlineData("Prepare", 2, false)]
    [InlineData("Erase", 1, true)]
    [InlineData("Erase", 2, true)]
    [InlineData("Erase", 3, true)]
    [InlineData("Erase", 4, true)]
    [InlineData("Erase", 4, false)]
    public async Task Cut_off_at_any_step_it_is_finished_by_whoever_comes_next(string step, int call, bool before)
    {
        (TestUser person, _, _) = await world.LivedAsync();
        // From this call on, company, booking, notification and payment in turn, nobody answers.
        int calls = 0;
        Task Cut() => Interlocked.Increment(ref calls) >= call ? Faults.Lost() : Task.CompletedTask;
        (before ? (Action<string, Func<Task>, bool>)world.Faults.Before : world.Faults.After)(step, Cut, true);

        ((int)(await world.DeleteAsync(person, giveUp: true)).StatusCode).ShouldBe(202);
        world.Faults.Clear();
        await world.RestartCustomerAsync();

        await GoneAsync(person);
        await world.AuditAsync();
    }

    [Fact]
    public async Task Who_has_given_up_their_money_is_not_refused_for_what_came_after()
    {
        TestUser fresh = await world.ClientAsync(20);
        TestUser boss = fresh with { LastName = "Q" + Guid.NewGuid().ToString("N") };
        long company = await world.FoundAsync(boss);
        TestUser manager = TestUser.New();
        await world.InviteAsync(boss, company, manager, "manager");
        // Company has let them go and payment has closed the account; nobody hears of it.
        int calls = 0;
        world.Faults.After("Prepare", () => Interlocked.Increment(ref calls) >= 2 ? Faults.Lost() : Task.CompletedTask, always: true);
        ((int)(await world.DeleteAsync(boss, giveUp: true)).StatusCode).ShouldBe(202);
        (await One(world.PaymentDb, "SELECT balance_minor FROM account WHERE customer_id = $1", boss.Id)).ShouldBe(0);

        await world.PostOfferAsync(manager, company);
        world.Faults.Clear();
        await world.RestartCustomerAsync();

        await GoneAsync(boss);
        (await One(world.CompanyDb, "SELECT count(*) FROM manager WHERE company_id = $1 AND user_id = $2", company, boss.Id)).ShouldBe(0);
        await world.AuditAsync();
    }

    [Fact]
    public async Task An_address_with_signs_that_json_escapes_is_in_no_booking_any_more()
    {
        TestUser fresh = TestUser.New();
        TestUser boss = fresh with { Email = $"anna+o'neil&{fresh.Id:N}@example.com" };
        long company = await world.FoundAsync(boss);
        TestUser other = TestUser.New();
        await world.InviteAsync(boss, company, other);
        TestUser client = await world.ClientAsync(20);
        Guid booking = (await world.BookAsync(client, await world.PostOfferAsync(boss, company)).JsonAsync(200)).GetProperty("id").GetGuid();
        // More than go in one statement; no other test shall see them.
        await world.CustomerDb.Db.ExecuteAsync(
            "INSERT INTO booking SELECT (jsonb_populate_record(b, jsonb_build_object('id', gen_random_uuid()))).* FROM booking b, generate_series(1, 2500) WHERE company_id = $1", default, company);
        (await ManagersAsync()).ShouldBe([boss.Email, other.Email], ignoreOrder: true);

        ((int)(await world.DeleteAsync(boss)).StatusCode).ShouldBe(204);

        (await ManagersAsync()).ShouldBe([other.Email]);
        (await world.CustomerDb.Db.ExecuteAsync("DELETE FROM booking WHERE company_id = $1 AND id <> $2", default, company, booking)).ShouldBe(2500);

        async Task<string[]> ManagersAsync() => [.. await world.CustomerDb.Db.QueryAsync(
            "SELECT DISTINCT jsonb_array_elements_text(snapshot::jsonb #> '{company,manager_emails}') FROM booking WHERE company_id = $1", row => row.GetString(0), default, company)];
    }

    [Fact]
    public async Task While_the_identity_provider_is_away_it_goes_on_trying()
    {
        (TestUser person, _, _) = await world.LivedAsync();
        world.Identity.Down = true;
        ((int)(await world.DeleteAsync(person, giveUp: true)).StatusCode).ShouldBe(202);
        ((int)(await world.DeleteAsync(person, giveUp: true)).StatusCode).ShouldBeOneOf(202, 401);
        world.Identity.Down = false;

        await GoneAsync(person);
        world.Identity.Deleted.Count(id => id == person.Id).ShouldBe(1);
        await world.AuditAsync();
    }

    [Fact]
    public async Task Eight_requests_at_once_delete_once()
    {
        TestUser person = await world.ClientAsync(3);
        HttpResponseMessage[] answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => world.DeleteAsync(person, giveUp: true)));
        answers.ShouldAllBe(a => (int)a.StatusCode == 204 || (int)a.StatusCode == 401);
        (await One(world.PaymentDb, "SELECT count(*) FROM transfer WHERE customer_id = $1 AND type = 'forfeit'", person.Id)).ShouldBe(1);
        await world.AuditAsync();
    }

    private async Task GoneAsync(TestUser person)
    {
        await Until.TrueAsync(async () => await One(world.CustomerDb, "SELECT count(*) FROM account_deletion WHERE user_id = $1 AND state = 'done'", person.Id) > 0);
        await world.SettleAsync();
        (await world.WhereAsync(person.Email)).ShouldBeEmpty();
        (await world.WhereAsync(person.LastName)).ShouldBeEmpty();
    }

    private static Task<long> One(TestDatabase database, string sql, params object[] args) => SagaWorld.One(database, sql, args);
}
