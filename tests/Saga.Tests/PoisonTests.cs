using System.Net;
using BookSaga.Hosting.Data;

namespace BookSaga.Saga.Tests;

/// <summary>One booking that the payment database refuses again and again.</summary>
public sealed class PoisonTests(SagaWorld world) : IClassFixture<SagaWorld>
{
    [Fact]
    public async Task A_booking_that_no_step_can_take_harms_no_other_says_why_and_ends_when_the_cause_is_gone()
    {
        long poison = await world.OfferAsync(1m);
        long[] offers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => world.OfferAsync(1m)));
        TestUser client = await world.ClientAsync(30m);
        await world.PaymentDb.Db.ExecuteAsync($"""
            CREATE FUNCTION poison() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN IF NEW.offer_id = {poison} THEN RAISE ''poison''; END IF; RETURN NEW; END';
            """, default);
        await world.PaymentDb.Db.ExecuteAsync("CREATE TRIGGER poison BEFORE INSERT ON transfer FOR EACH ROW EXECUTE FUNCTION poison()", default);

        Task<HttpResponseMessage> bad = world.BookAsync(client, poison);
        HttpResponseMessage[] answers = await Task.WhenAll(offers.Select(o => world.BookAsync(client, o)));

        answers.ShouldAllBe(a => a.StatusCode == HttpStatusCode.OK);
        (await bad).StatusCode.ShouldBe(HttpStatusCode.Accepted);
        (await world.CustomerDb.Db.QueryFirstAsync("SELECT last_error FROM booking WHERE live", r => r.GetString(0), default))!.ShouldContain("P0001: poison");
        await world.PaymentDb.Db.ExecuteAsync("DROP TRIGGER poison ON transfer", default);
        await world.AuditAsync();
        // By events the waiting charge may come before the kernel that forbids it; either way offer and money agree.
        string status = await world.StatusAsync(poison);
        status.ShouldBeOneOf(SagaWorld.Choreographed ? ["open", "paid"] : ["open"]);
        (await world.BalanceAsync(client)).ShouldBe(status == "paid" ? 9m : 10m);
    }
}
