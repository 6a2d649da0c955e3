using System.Net;
using System.Text.Json;

namespace BookSaga.Saga.Tests;

public sealed class BookOfferTests(SagaWorld world) : IClassFixture<SagaWorld>
{
    [Fact]
    public async Task A_client_with_money_gets_the_offer_and_pays_its_price_once()
    {
        long offer = await world.OfferAsync(12.50m);
        TestUser client = await world.ClientAsync(20m);

        JsonElement booking = await world.BookAsync(client, offer).JsonAsync(200);

        booking.GetProperty("status").GetString().ShouldBe("paid");
        booking.GetProperty("price").GetDecimal().ShouldBe(12.50m);
        (await world.StatusAsync(offer)).ShouldBe("paid");
        (await world.BalanceAsync(client)).ShouldBe(7.50m);
        await world.AuditAsync();
    }

    [Fact]
    public async Task Without_money_the_answer_is_422_and_the_offer_is_open_when_it_arrives()
    {
        long offer = await world.OfferAsync(12.50m);
        TestUser client = await world.ClientAsync(12.49m);

        await world.BookAsync(client, offer).ProblemAsync(422, "insufficient funds");

        (await world.StatusAsync(offer)).ShouldBe("open");
        (await world.BalanceAsync(client)).ShouldBe(12.49m);
        (await SagaWorld.One(world.PaymentDb, "SELECT count(*) FROM transfer WHERE customer_id = $1 AND status = 'refused' AND reason = 'insufficient_funds'", client.Id)).ShouldBe(1);
        await world.AuditAsync();
    }

    [Fact]
    public async Task A_client_without_an_account_gets_422_and_a_second_attempt_with_money_succeeds()
    {
        long offer = await world.OfferAsync(5m);
        var client = TestUser.New();
        await world.BookAsync(client, offer).ProblemAsync(422, "insufficient funds");
        using HttpClient payment = world.Payment.Http(client);
        await payment.PostAsync("/api/v1/customer/payment/create-account", null).JsonAsync(201);
        await payment.PostAsync("/api/v1/customer/payment/top-up", new { amount = 5 }).JsonAsync(200);

        await world.BookAsync(client, offer).JsonAsync(200);

        (await world.BalanceAsync(client)).ShouldBe(0m);
        await world.AuditAsync();
    }

    [Fact]
    public async Task An_unknown_offer_is_404_and_a_taken_one_409()
    {
        long offer = await world.OfferAsync(1m);
        TestUser first = await world.ClientAsync(1m);
        TestUser second = await world.ClientAsync(1m);
        await world.BookAsync(first, offer).JsonAsync(200);

        await world.BookAsync(second, offer).ProblemAsync(409, "offer is not open");
        await world.BookAsync(first, offer).ProblemAsync(409, "offer is not open");
        await world.BookAsync(second, 999_999_999).ProblemAsync(404, "offer not found");

        (await world.BalanceAsync(second)).ShouldBe(1m);
        await world.AuditAsync();
    }

    [Fact]
    public async Task Thirty_clients_at_once_for_one_offer_one_pays_and_nobody_else_is_charged()
    {
        long offer = await world.OfferAsync(10m);
        TestUser[] clients = await Task.WhenAll(Enumerable.Range(0, 30).Select(_ => world.ClientAsync(10m)));

        HttpResponseMessage[] answers = await Task.WhenAll(clients.Select(c => world.BookAsync(c, offer)));

        answers.Count(a => a.StatusCode == HttpStatusCode.OK).ShouldBe(1);
        answers.Count(a => a.StatusCode == HttpStatusCode.Conflict).ShouldBe(29);
        decimal[] balances = await Task.WhenAll(clients.Select(world.BalanceAsync));
        balances.Count(b => b == 0m).ShouldBe(1);
        balances.Count(b => b == 10m).ShouldBe(29);
        await world.AuditAsync();
    }

    [Fact]
    public async Task Ten_offers_of_12_50_at_once_on_a_balance_of_20_one_is_paid_and_7_50_remain()
    {
        long[] offers = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => world.OfferAsync(12.50m)));
        TestUser client = await world.ClientAsync(20m);

        HttpResponseMessage[] answers = await Task.WhenAll(offers.Select(o => world.BookAsync(client, o)));

        answers.Count(a => a.StatusCode == HttpStatusCode.OK).ShouldBe(1);
        answers.Count(a => a.StatusCode == HttpStatusCode.UnprocessableEntity).ShouldBe(9);
        (await world.BalanceAsync(client)).ShouldBe(7.50m);
        string[] statuses = await Task.WhenAll(offers.Select(world.StatusAsync));
        statuses.Count(s => s == "open").ShouldBe(9);
        await world.AuditAsync();
    }

    [Fact]
    public async Task A_client_that_hangs_up_right_after_the_request_changes_nothing_about_the_outcome()
    {
        long offer = await world.OfferAsync(3m);
        TestUser client = await world.ClientAsync(3m);
        var held = new TaskCompletionSource();
        var gone = new TaskCompletionSource();
        world.Faults.After("Reserve", () =>
        {
            held.SetResult();
            return gone.Task;
        });
        using var hangUp = new CancellationTokenSource();
        using HttpClient http = world.CustomerHttp(client);
        Task<HttpResponseMessage> request = http.PostAsync($"/api/v1/customer/offer/{offer}/book", null, hangUp.Token);
        await held.Task.InTimeAsync();
        await hangUp.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(request);
        gone.SetResult();

        await world.AuditAsync();
        (await world.StatusAsync(offer)).ShouldBe("paid");
        (await world.BalanceAsync(client)).ShouldBe(0m);
    }

    [Theory]
    [InlineData("Reserve")]
    [InlineData("Charge")]
    [InlineData("Confirm")]
    public async Task A_step_whose_call_or_reply_is_lost_is_asked_again_and_the_booking_is_paid_once(string step)
    {
        foreach (bool afterCommit in new[] { false, true })
        {
            long offer = await world.OfferAsync(2m);
            TestUser client = await world.ClientAsync(10m);
            (afterCommit ? (Action<string, Func<Task>, bool>)world.Faults.After : world.Faults.Before)(step, Faults.Lost, false);

            await world.BookAsync(client, offer).JsonAsync(200);

            (await world.BalanceAsync(client)).ShouldBe(8m);
            await world.AuditAsync();
        }
    }

    [Fact]
    public async Task A_reply_of_a_refused_charge_that_is_lost_does_not_refuse_twice_or_hang()
    {
        long offer = await world.OfferAsync(2m);
        TestUser client = await world.ClientAsync(1m);
        world.Faults.After("Charge", Faults.Lost);
        world.Faults.After("Release", Faults.Lost);

        await world.BookAsync(client, offer).ProblemAsync(422, "insufficient funds");

        (await world.StatusAsync(offer)).ShouldBe("open");
        await world.AuditAsync();
    }

    [Fact]
    public async Task An_offer_withdrawn_after_the_charge_gives_the_money_back_before_the_answer()
    {
        long offer = await world.OfferAsync(4m);
        TestUser client = await world.ClientAsync(4m);
        world.Faults.Before("Confirm", async () => await world.WithdrawAsync(offer));
        world.Faults.After("Refund", Faults.Lost);

        await world.BookAsync(client, offer).ProblemAsync(409, "offer is not open");

        (await world.BalanceAsync(client)).ShouldBe(4m);
        (await world.StatusAsync(offer)).ShouldBe("canceled_by_company");
        (await SagaWorld.One(world.PaymentDb, "SELECT count(*) FROM transfer WHERE customer_id = $1 AND type = 'refund'", client.Id)).ShouldBe(1);
        await world.AuditAsync();
    }

    [Fact]
    public async Task A_payment_service_that_does_not_answer_until_the_deadline_leaves_the_offer_open_and_no_charge()
    {
        long offer = await world.OfferAsync(4m);
        TestUser client = await world.ClientAsync(4m);
        world.Faults.Before("Charge", Faults.Lost, always: true);

        await world.BookAsync(client, offer).ProblemAsync(503, "booking timed out");

        world.Faults.Clear();
        (await world.StatusAsync(offer)).ShouldBe("open");
        (await world.BalanceAsync(client)).ShouldBe(4m);
        await world.AuditAsync();
    }

    [Fact]
    public async Task A_charge_that_was_taken_but_never_told_is_found_at_the_deadline_and_the_booking_goes_on()
    {
        long offer = await world.OfferAsync(4m);
        TestUser client = await world.ClientAsync(4m);
        world.Faults.After("Charge", Faults.Lost, always: true);

        JsonElement booking = await world.BookAsync(client, offer).JsonAsync(200);

        world.Faults.Clear();
        booking.GetProperty("status").GetString().ShouldBe("paid");
        (await world.BalanceAsync(client)).ShouldBe(0m);
        await world.AuditAsync();
    }

    [Fact]
    public async Task The_same_idempotency_key_books_once_and_replays_the_answer_and_another_request_under_it_is_422()
    {
        long offer = await world.OfferAsync(1m);
        long other = await world.OfferAsync(1m);
        TestUser client = await world.ClientAsync(5m);

        JsonElement first = await world.BookAsync(client, offer, "k1").JsonAsync(200);
        JsonElement again = await world.BookAsync(client, offer, "k1").JsonAsync(200);

        again.GetProperty("id").GetGuid().ShouldBe(first.GetProperty("id").GetGuid());
        await world.BookAsync(client, other, "k1").ProblemAsync(422, "the idempotency key was used for another request");
        (await world.BalanceAsync(client)).ShouldBe(4m);
        await world.AuditAsync();
    }

    [Fact]
    public async Task A_finished_booking_tells_every_step_and_where_the_money_is()
    {
        long offer = await world.OfferAsync(1m);
        TestUser client = await world.ClientAsync(1m);
        JsonElement booking = await world.BookAsync(client, offer).JsonAsync(200);
        using HttpClient http = world.CustomerHttp(client);

        JsonElement view = await http.GetAsync($"/api/v1/customer/bookings/{booking.GetProperty("id").GetGuid()}").JsonAsync(200);

        view.GetProperty("timeline").EnumerateArray().Select(e => $"{e.GetProperty("step").GetString()} {e.GetProperty("status").GetString()} {e.GetProperty("money").GetString()}")
            .ShouldBe(["requested done none_moved", "slot_held done none_moved", "payment_taken done taken", "confirmed done taken", "mail_queued done taken"]);
        (await http.GetAsync("/api/v1/customer/bookings").JsonAsync(200)).GetArrayLength().ShouldBe(1);
        using HttpClient stranger = world.CustomerHttp(TestUser.New());
        await stranger.GetAsync($"/api/v1/customer/bookings/{booking.GetProperty("id").GetGuid()}").ProblemAsync(404, "booking not found");
    }
}
