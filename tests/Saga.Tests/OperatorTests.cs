using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using BookSaga.Contracts;
using BookSaga.Hosting.Data;

namespace BookSaga.Saga.Tests;

/// <summary>What operators see and do, on real services.</summary>
public sealed class OperatorTests(OperatorTests.World world) : IClassFixture<OperatorTests.World>
{
    private const string Sagas = "/api/v1/operator/sagas";

    [Theory]
    [InlineData("GET", Sagas)]
    [InlineData("GET", Sagas + "/summary")]
    [InlineData("GET", Sagas + "/01a20e7f-83b2-70dd-9551-bb8c667eb3a7")]
    [InlineData("POST", Sagas + "/01a20e7f-83b2-70dd-9551-bb8c667eb3a7/retry")]
    [InlineData("POST", Sagas + "/01a20e7f-83b2-70dd-9551-bb8c667eb3a7/cancel")]
    [InlineData("POST", Sagas + "/bulk")]
    [InlineData("GET", "/api/v1/operator/queues")]
    [InlineData("GET", "/api/v1/operator/dead-letters")]
    [InlineData("POST", "/api/v1/operator/dead-letters/replay")]
    [InlineData("GET", "/api/v1/operator/mails")]
    [InlineData("POST", "/api/v1/operator/mails/1/resend")]
    [InlineData("GET", "/api/v1/operator/journal")]
    public async Task Clients_are_refused(string method, string path)
    {
        using HttpClient client = world.CustomerHttp(TestUser.New());
        using var request = new HttpRequestMessage(new HttpMethod(method), path) { Content = method == "POST" ? JsonContent.Create(new { reason = "r" }) : null };
        await client.SendAsync(request).ProblemAsync(403, "forbidden");
    }

    [Fact]
    public async Task Sagas_are_found_by_customer_company_offer_state_and_id_and_unknown_words_are_refused()
    {
        long offer = await world.OfferAsync(5m, company: 77);
        TestUser client = await world.ClientAsync(5m);
        await world.BookAsync(client, offer).JsonAsync(200);
        Guid booking = await world.BookingOfAsync(client);

        foreach (string query in (string[])[$"customer_id={client.Id}", "company_id=77", $"offer_id={offer}", $"booking_id={booking}", $"state=paid&customer_id={client.Id}", $"kind=booking&offer_id={offer}"])
        {
            JsonElement found = await world.GetAsync($"{Sagas}?{query}");
            found.GetArrayLength().ShouldBe(1, query);
            found[0].GetProperty("id").GetGuid().ShouldBe(booking);
            found[0].GetProperty("status").GetString().ShouldBe("paid");
        }
        (await world.GetAsync($"{Sagas}?state=live&customer_id={client.Id}")).GetArrayLength().ShouldBe(0);
        (await world.GetAsync($"{Sagas}?state=stuck")).GetArrayLength().ShouldBe(0);
        using HttpClient http = world.OperatorHttp();
        await http.GetAsync($"{Sagas}?state=odd").ProblemAsync(400, "state must be one of live, stuck, paid, failed, completed, cancelled, refused");
        await http.GetAsync($"{Sagas}?kind=odd").ProblemAsync(400, "kind must be one of booking, cancellation");
        await http.GetAsync($"{Sagas}/{Guid.NewGuid()}").ProblemAsync(404, "saga not found");
    }

    [Fact]
    public async Task A_saga_tells_its_attempts_and_its_timeline_and_names_who_is_silent()
    {
        long offer = await world.OfferAsync(5m);
        TestUser client = await world.ClientAsync(5m);
        await world.BookAsync(client, offer).JsonAsync(200);

        JsonElement view = await world.GetAsync($"{Sagas}/{await world.BookingOfAsync(client)}");

        view.GetProperty("sagas")[0].GetProperty("attempts").GetInt32().ShouldBeGreaterThan(0);
        view.GetProperty("timeline").EnumerateArray().Select(e => e.GetProperty("step").GetString()).ShouldBe(["requested", "slot_held", "payment_taken", "confirmed", "mail_queued"]);
        // No notification service is in this world.
        view.GetProperty("silent").EnumerateArray().Select(e => e.GetString()).ShouldBe(["notification"]);
    }

    [Fact]
    public async Task A_saga_that_cannot_go_on_is_stuck_with_step_and_reason_and_ends_at_a_retry_when_the_cause_is_gone()
    {
        long offer = await world.OfferAsync(5m);
        TestUser client = await world.ClientAsync(5m);
        world.Faults.Before("CancelPayment", Faults.Lost, always: true);
        world.Faults.Before("Charge", Faults.Lost, always: true);
        world.Faults.Before("Cancel", Faults.Lost, always: true);
        Task<HttpResponseMessage> answer = world.BookAsync(client, offer);
        JsonElement stuck = default;
        await Until.TrueAsync(async () =>
        {
            stuck = (await world.GetAsync($"{Sagas}?state=stuck&customer_id={client.Id}")).EnumerateArray().FirstOrDefault();
            return stuck.ValueKind == JsonValueKind.Object && stuck.GetProperty("last_step").GetString() == "CancelPayment";
        });

        stuck.GetProperty("stuck").GetBoolean().ShouldBeTrue();
        stuck.GetProperty("last_step").GetString().ShouldBe("CancelPayment");
        stuck.GetProperty("last_error").GetString().ShouldNotBeNullOrEmpty();
        JsonElement summary = await world.GetAsync($"{Sagas}/summary");
        summary.EnumerateArray().Sum(s => s.GetProperty("stuck").GetInt64()).ShouldBe(1);
        summary.EnumerateArray().Sum(s => s.GetProperty("over_ten_minutes").GetInt64()).ShouldBe(0);
        Guid booking = stuck.GetProperty("id").GetGuid();

        world.Faults.Clear();
        await world.PostAsync($"{Sagas}/{booking}/retry", new { reason = "payment is back" }, 202);

        await world.AuditAsync();
        (await world.StatusAsync(offer)).ShouldBe("open");
        (await world.BalanceAsync(client)).ShouldBe(5m);
        JsonElement line = (await world.GetAsync("/api/v1/operator/journal")).EnumerateArray().First(l => l.GetProperty("target").GetString() == $"{booking}");
        line.GetProperty("action").GetString().ShouldBe("retry");
        line.GetProperty("reason").GetString().ShouldBe("payment is back");
        using HttpClient http = world.OperatorHttp();
        await http.PostAsJsonAsync($"{Sagas}/{booking}/retry", new { }).ProblemAsync(409, "the saga cannot be changed");
        (await answer).Dispose();
    }

    [Theory]
    [InlineData(false, "open", 5)]
    [InlineData(true, "paid", 0)]
    public async Task A_live_booking_that_is_cancelled_is_never_charged_or_goes_on_when_it_was(bool charged, string status, int balance)
    {
        long offer = await world.OfferAsync(5m);
        TestUser client = await world.ClientAsync(5m);
        if (charged)
        {
            world.Faults.Before("Confirm", Faults.Lost, always: true);
        }
        else
        {
            world.Faults.Before("Charge", Faults.Lost, always: true);
        }
        Task<HttpResponseMessage> answer = world.BookAsync(client, offer);
        await Until.TrueAsync(async () => await world.PendingAsync(client) is not null);
        await Task.Delay(500);
        Guid booking = (await world.PendingAsync(client))!.Value;
        await Until.TrueAsync(async () => !charged || await SagaWorld.One(world.PaymentDb, "SELECT count(*) FROM transfer WHERE id = $1", booking) > 0);

        JsonElement done = await world.PostAsync($"{Sagas}/{booking}/cancel", new { reason = "by phone" }, 202);
        done.GetProperty("result").GetString().ShouldBe("aborting");
        world.Faults.Clear();

        (await answer).Dispose();
        await world.AuditAsync();
        (await world.StatusAsync(offer)).ShouldBe(status);
        (await world.BalanceAsync(client)).ShouldBe(balance);
    }

    [Fact]
    public async Task A_paid_booking_that_is_cancelled_gives_everything_back_and_needs_a_reason()
    {
        long offer = await world.OfferAsync(5m, inHours: 1);
        TestUser client = await world.ClientAsync(5m);
        await world.BookAsync(client, offer).JsonAsync(200);
        Guid booking = await world.BookingOfAsync(client);
        using HttpClient http = world.OperatorHttp();
        await http.PostAsJsonAsync($"{Sagas}/{booking}/cancel", new { reason = " " }).ProblemAsync(400, "reason is required");

        (await world.PostAsync($"{Sagas}/{booking}/cancel", new { reason = "the shop burnt down" }, 200)).GetProperty("result").GetString().ShouldBe("cancelled");

        (await world.BalanceAsync(client)).ShouldBe(5m);
        (await world.GetAsync($"{Sagas}/{booking}")).GetProperty("actions").GetArrayLength().ShouldBe(1);
        await http.PostAsJsonAsync($"{Sagas}/{booking}/cancel", new { reason = "again" }).ProblemAsync(409, "the saga cannot be changed");
        await world.AuditAsync();
    }

    [Fact]
    public async Task Many_are_cancelled_only_as_they_were_previewed()
    {
        TestUser client = await world.ClientAsync(30m);
        for (int i = 0; i < 3; i++)
        {
            await world.BookAsync(client, await world.OfferAsync(10m)).JsonAsync(200);
        }
        var filter = new { customer_id = client.Id, state = "paid" };
        using HttpClient http = world.OperatorHttp();

        (await world.PostAsync(Sagas + "/bulk", new { action = "cancel", filter, preview = true }, 200)).GetProperty("count").GetInt32().ShouldBe(3);
        await http.PostAsJsonAsync(Sagas + "/bulk", new { action = "cancel", filter, reason = "r", expected = 2 }).ProblemAsync(409, "the number of sagas differs from expected");
        await http.PostAsJsonAsync(Sagas + "/bulk", new { action = "cancel", filter = new { }, reason = "r", preview = true }).ProblemAsync(400, "filter is required");
        await http.PostAsJsonAsync(Sagas + "/bulk", new { action = "explode", filter, reason = "r" }).ProblemAsync(400, "action must be retry or cancel");
        (await world.BalanceAsync(client)).ShouldBe(0m);
        JsonElement done = await world.PostAsync(Sagas + "/bulk", new { action = "cancel", filter, reason = "the company is closed", expected = 3 }, 200);

        done.EnumerateArray().ShouldAllBe(d => d.GetProperty("result").GetString() == "cancelled");
        (await world.BalanceAsync(client)).ShouldBe(30m);
        await world.AuditAsync();
    }

    [Fact]
    public async Task A_dead_letter_is_listed_and_leaves_when_it_is_replayed_and_silent_services_are_named()
    {
        await world.CustomerDb.Db.ExecuteAsync("""
            INSERT INTO outbox (destination, type, payload, attempts, next_at, last_error)
            VALUES ('booking', 'customer.booking-requested.v1', $1, 7, 'infinity', 'why not')
            """, default, new Npgsql.NpgsqlParameter
        {
            Value = Json.Write(new BookingRequested(Guid.CreateVersion7(), 999_999, new BookingCustomer(Guid.NewGuid(), "A", "B", "a@example.com"))),
            NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Jsonb,
        });
        JsonElement letters = (await world.GetAsync("/api/v1/operator/dead-letters?service=customer")).GetProperty("dead_letters");
        letters.GetArrayLength().ShouldBe(1);
        letters[0].GetProperty("last_error").GetString().ShouldBe("why not");
        JsonElement queues = await world.GetAsync("/api/v1/operator/queues");
        queues.EnumerateArray().Single(q => q.GetProperty("service").GetString() == "customer").GetProperty("queues").EnumerateArray()
            .ShouldContain(q => q.GetProperty("name").GetString() == "booking" && q.GetProperty("dead").GetInt64() == 1);
        queues.EnumerateArray().Where(q => !q.GetProperty("reachable").GetBoolean()).Select(q => q.GetProperty("service").GetString()).ShouldBe(["company", "notification"]);

        (await world.PostAsync("/api/v1/operator/dead-letters/replay", new { service = "customer", ids = new[] { letters[0].GetProperty("id").GetString() } }, 200))
            .GetProperty("replayed").GetInt32().ShouldBe(1);

        await Until.TrueAsync(async () => await SagaWorld.One(world.CustomerDb, "SELECT count(*) FROM outbox WHERE destination = 'booking'") == 0);
        (await world.GetAsync("/api/v1/operator/dead-letters?service=customer")).GetProperty("dead_letters").GetArrayLength().ShouldBe(0);
        (await SagaWorld.One(world.BookingDb, "SELECT count(*) FROM reservation WHERE offer_id = 999999")).ShouldBe(1);
        using HttpClient http = world.OperatorHttp();
        await http.PostAsJsonAsync("/api/v1/operator/dead-letters/replay", new { service = "odd", ids = new[] { "1" } }).ProblemAsync(400, "service must be one of company, booking, customer, payment, notification");
    }

    [Fact]
    public async Task A_resend_is_in_the_journal_before_notification_is_asked_and_its_silence_is_said()
    {
        using HttpClient http = world.OperatorHttp();
        await http.PostAsJsonAsync("/api/v1/operator/mails/4711/resend", new { reason = "asked by phone" }).ProblemAsync(503, "temporarily unavailable");
        JsonElement line = (await world.GetAsync("/api/v1/operator/journal")).EnumerateArray().First(l => l.GetProperty("target").GetString() == "mail/4711");
        line.GetProperty("action").GetString().ShouldBe("resend");
        line.GetProperty("reason").GetString().ShouldBe("asked by phone");
        await http.GetAsync("/api/v1/operator/mails").ProblemAsync(503, "temporarily unavailable");
        await http.GetAsync("/api/v1/operator/mails?state=odd").ProblemAsync(400, "state must be one of waiting, sent, failed, cancelled");
    }

    [Theory]
    [InlineData("UPDATE operator_action SET reason = ''")]
    [InlineData("DELETE FROM operator_action")]
    [InlineData("TRUNCATE operator_action")]
    public async Task The_journal_cannot_be_rewritten(string sql) =>
        (await Should.ThrowAsync<Npgsql.PostgresException>(world.CustomerDb.Db.ExecuteAsync(sql, default))).MessageText.ShouldContain("append-only");

    /// <summary>The services, an operator, and a short patience.</summary>
    public sealed class World : SagaWorld
    {
        private readonly TestUser _operator = TestUser.New();

        public HttpClient OperatorHttp() => new()
        {
            BaseAddress = CustomerHttp(_operator).BaseAddress,
            DefaultRequestHeaders =
            {
                Authorization = new AuthenticationHeaderValue("Bearer", Authority.UserToken(
                    _operator, claims => claims["realm_access"] = new Dictionary<string, object> { ["roles"] = new[] { "operator" } })),
            },
        };

        public async Task<JsonElement> GetAsync(string path)
        {
            using HttpClient http = OperatorHttp();
            return await http.GetAsync(path).JsonAsync(200);
        }

        public async Task<JsonElement> PostAsync(string path, object body, int status)
        {
            using HttpClient http = OperatorHttp();
            return await http.PostAsJsonAsync(path, body).JsonAsync(status);
        }

        public Task<Guid> BookingOfAsync(TestUser client) => CustomerDb.Db.QueryFirstAsync("SELECT id FROM booking WHERE customer_id = $1", r => r.GetGuid(0), default, client.Id);

        public Task<Guid?> PendingAsync(TestUser client) =>
            CustomerDb.Db.QueryFirstAsync("SELECT id FROM booking WHERE customer_id = $1 AND live", r => (Guid?)r.GetGuid(0), default, client.Id);

        protected override Dictionary<string, string> CustomerSettings() => new(base.CustomerSettings())
        {
            ["Saga:StuckAfterAttempts"] = "4",
            ["Saga:WaitLimit"] = "00:00:12",
        };
    }
}
