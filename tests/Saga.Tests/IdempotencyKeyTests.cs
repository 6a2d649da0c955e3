using BookSaga.Hosting.Data;

namespace BookSaga.Saga.Tests;

/// <summary>Idempotency keys where something fails between the work and the record of its answer.</summary>
public sealed class IdempotencyKeyTests(SagaWorld world) : IClassFixture<SagaWorld>
{
    [Fact]
    public async Task An_answer_that_is_not_kept_is_given_also_when_its_key_cannot_be_freed()
    {
        long offer = await world.OfferAsync(4m);
        TestUser client = await world.ClientAsync(4m);
        await world.CustomerDb.Db.ExecuteAsync("""
            CREATE FUNCTION away() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE ''away''; END';
            """, default);
        await world.CustomerDb.Db.ExecuteAsync("CREATE TRIGGER away BEFORE UPDATE ON idempotency FOR EACH ROW EXECUTE FUNCTION away()", default);
        world.Faults.Before("Charge", Faults.Lost, always: true);

        await world.BookAsync(client, offer, "k").ProblemAsync(503, "booking timed out");

        world.Faults.Clear();
        await world.CustomerDb.Db.ExecuteAsync("DROP TRIGGER away ON idempotency", default);
        await world.BookAsync(client, offer, "k").ProblemAsync(409, "a request with this idempotency key is still running");
        await world.CustomerDb.Db.ExecuteAsync("UPDATE idempotency SET locked_until = now()", default);
        await world.BookAsync(client, offer, "k").ProblemAsync(503, "booking timed out");
        await world.AuditAsync();
    }

    [Fact]
    public async Task The_answer_that_was_recorded_first_stands_when_a_run_that_was_taken_over_ends_later()
    {
        long offer = await world.OfferAsync(4m);
        TestUser client = await world.ClientAsync(4m);
        world.Faults.Before("Confirm", () => world.CustomerDb.Db.ExecuteAsync(
            "UPDATE idempotency SET status = 418, body = 'first' WHERE caller = $1", default, client.Id));

        await world.BookAsync(client, offer, "k").JsonAsync(200);

        ((int)(await world.BookAsync(client, offer, "k")).StatusCode).ShouldBe(418);
        await world.AuditAsync();
    }

    [Fact]
    public async Task Twenty_requests_under_one_key_at_once_take_the_price_once()
    {
        long offer = await world.OfferAsync(4m);
        TestUser client = await world.ClientAsync(20m);

        HttpResponseMessage[] answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => world.BookAsync(client, offer, "k")));

        answers.ShouldContain(a => (int)a.StatusCode == 200);
        answers.ShouldAllBe(a => (int)a.StatusCode == 200 || (int)a.StatusCode == 409);
        (await world.BalanceAsync(client)).ShouldBe(16m);
        (await SagaWorld.One(world.CustomerDb, "SELECT count(*) FROM booking WHERE customer_id = $1", client.Id)).ShouldBe(1);
        await world.AuditAsync();
    }

    [Fact]
    public async Task An_answer_that_says_try_again_is_not_kept()
    {
        TestUser client = await world.ClientAsync(0m);
        var booking = Guid.CreateVersion7();
        await world.CustomerDb.Db.ExecuteAsync(
            "INSERT INTO booking (id, customer_id, offer_id, customer, next_at, deadline) VALUES ($1, $2, 1, '{}', 'infinity', 'infinity')", default, booking, client.Id);

        (bool again, string code) = await CancelAsync();
        code.ShouldBe("booking_pending");
        again.ShouldBeTrue();

        await world.CustomerDb.Db.ExecuteAsync("UPDATE booking SET live = false, status = 'failed', finished_at = now() WHERE id = $1", default, booking);
        (await CancelAsync()).ShouldBe((false, "booking_not_paid"));
        await world.CustomerDb.Db.ExecuteAsync("DELETE FROM booking WHERE id = $1", default, booking);

        async Task<(bool Again, string Code)> CancelAsync()
        {
            using HttpClient http = world.CustomerHttp(client);
            using var request = new HttpRequestMessage(HttpMethod.Post, $"/api/v1/customer/bookings/{booking}/cancel");
            request.Headers.Add("Idempotency-Key", "k");
            using HttpResponseMessage answer = await http.SendAsync(request);
            string code = (await Task.FromResult(answer).JsonAsync(409)).GetProperty("code").GetString()!;
            return (answer.Headers.RetryAfter is not null, code);
        }
    }

    [Fact]
    public async Task A_key_is_forgotten_after_thirty_days_and_not_before()
    {
        await world.CustomerDb.Db.ExecuteAsync("""
            INSERT INTO idempotency (caller, key, request_hash, operation_id, locked_until, created_at)
            SELECT gen_random_uuid(), 'old' || days, '', gen_random_uuid(), now(), now() - days * interval '1 day' FROM unnest(ARRAY[29, 31, 60]) AS days
            """, default);

        await using TestService<Customer.Bookings.BookingStore> replica = await world.CustomerReplicaAsync();
        await Until.TrueAsync(async () => await OldAsync() <= 1);

        (await OldAsync()).ShouldBe(1);
    }

    private Task<long> OldAsync() => SagaWorld.One(world.CustomerDb, "SELECT count(*) FROM idempotency WHERE key LIKE 'old%'");
}
