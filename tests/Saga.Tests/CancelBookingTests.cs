using System.Net;
using System.Text.Json;
using BookSaga.Contracts.Booking;
using BookSaga.Contracts.Customer;
using BookSaga.Hosting.Data;

namespace BookSaga.Saga.Tests;

public sealed class CancelBookingTests(SagaWorld world) : IClassFixture<SagaWorld>
{
    [Fact]
    public async Task A_client_who_cancels_in_time_gets_the_whole_price_back_and_the_offer_is_open_again()
    {
        (TestUser client, long offer, Guid booking) = await PaidAsync(inHours: 48);

        JsonElement view = await CancelAsync(client, booking).JsonAsync(200);

        view.GetProperty("status").GetString().ShouldBe("cancelled");
        (await world.BalanceAsync(client)).ShouldBe(10m);
        (await world.StatusAsync(offer)).ShouldBe("open");
        await world.AuditAsync();
        await world.BookAsync(client, offer).JsonAsync(200);
        await world.AuditAsync();
    }

    [Fact]
    public async Task A_client_who_cancels_late_gets_nothing_back_and_the_offer_is_open_again()
    {
        (TestUser client, long offer, Guid booking) = await PaidAsync(inHours: 2);

        await CancelAsync(client, booking).JsonAsync(200);

        (await world.BalanceAsync(client)).ShouldBe(0m);
        (await world.StatusAsync(offer)).ShouldBe("open");
        await world.AuditAsync();
    }

    [Fact]
    public async Task Ten_cancellations_at_once_return_the_price_once()
    {
        (TestUser client, _, Guid booking) = await PaidAsync();

        HttpResponseMessage[] answers = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => CancelAsync(client, booking)));

        answers.ShouldAllBe(a => a.StatusCode == HttpStatusCode.OK);
        (await world.BalanceAsync(client)).ShouldBe(10m);
        await world.AuditAsync();
    }

    [Theory]
    [InlineData("Cancel")]
    [InlineData("Refund")]
    public async Task A_lost_reply_of_a_cancellation_step_is_asked_again(string step)
    {
        (TestUser client, _, Guid booking) = await PaidAsync();
        world.Faults.After(step, Faults.Lost);

        await CancelAsync(client, booking).JsonAsync(200);

        (await world.BalanceAsync(client)).ShouldBe(10m);
        await world.AuditAsync();
    }

    [Fact]
    public async Task Nobody_else_can_cancel_a_booking_and_a_failed_one_cannot_be_cancelled()
    {
        (TestUser client, _, Guid booking) = await PaidAsync();
        await CancelAsync(TestUser.New(), booking).ProblemAsync(404, "booking not found");
        await CancelAsync(client, Guid.NewGuid()).ProblemAsync(404, "booking not found");
        TestUser poor = await world.ClientAsync(0m);
        await world.BookAsync(poor, await world.OfferAsync(1m)).ProblemAsync(422, "insufficient funds");
        Guid failed = (await world.CustomerDb.Db.QueryFirstAsync("SELECT id FROM booking WHERE customer_id = $1", r => r.GetGuid(0), default, poor.Id));

        await CancelAsync(poor, failed).ProblemAsync(409, "booking cannot be cancelled");

        (await world.BalanceAsync(client)).ShouldBe(0m);
        await world.AuditAsync();
    }

    [Fact]
    public async Task A_company_that_cancels_a_paid_offer_gives_everything_back_also_late_and_the_offer_is_closed()
    {
        (TestUser client, long offer, Guid booking) = await PaidAsync(inHours: 1);
        (await world.WithdrawAsync(offer)).Code.ShouldBe(WithdrawOutcome.Types.Code.Paid);
        (await world.CancelByCompanyAsync(booking, company: 2)).Code.ShouldBe(CancelByCompanyReply.Types.Code.NotFound);

        var manager = Guid.NewGuid();
        (await world.CancelByCompanyAsync(booking, manager: manager)).Code.ShouldBe(CancelByCompanyReply.Types.Code.Cancelled);

        (await world.BookingDb.Db.QueryFirstAsync("SELECT updated_by FROM offer WHERE id = $1", r => r.Nullable<Guid?>(0), default, offer)).ShouldBe(manager);
        (await world.BalanceAsync(client)).ShouldBe(10m);
        (await world.StatusAsync(offer)).ShouldBe("canceled_by_company");
        await world.AuditAsync();
    }

    [Fact]
    public async Task A_bookings_offer_is_shown_as_the_booking_left_it()
    {
        (TestUser client, _, Guid inTime) = await PaidAsync();
        JsonElement view = await CancelAsync(client, inTime).JsonAsync(200);
        OfferStatus(view).ShouldBe("open");

        (client, long over, Guid late) = await PaidAsync();
        await world.BookingDb.Db.ExecuteAsync("UPDATE offer SET datetime = now() - interval '1 minute' WHERE id = $1", default, over);
        await world.CustomerDb.Db.ExecuteAsync(
            "UPDATE booking SET snapshot = jsonb_set(snapshot::jsonb, '{offer,datetime}', to_jsonb(now() - interval '1 minute'))::json WHERE id = $1", default, late);
        OfferStatus(await CancelAsync(client, late).JsonAsync(200)).ShouldBe("canceled_by_customer");
        (await world.StatusAsync(over)).ShouldBe("canceled_by_customer");

        (client, _, Guid byCompany) = await PaidAsync();
        (await world.CancelByCompanyAsync(byCompany)).Code.ShouldBe(CancelByCompanyReply.Types.Code.Cancelled);
        await ShownAsync(client, byCompany, "canceled_by_company");

        long offer = await world.OfferAsync(10m);
        client = await world.ClientAsync(10m);
        world.Faults.Before("Confirm", () => world.WithdrawAsync(offer));
        (await world.BookAsync(client, offer).JsonAsync(409)).GetProperty("code").GetString().ShouldBe("offer_withdrawn");
        await ShownAsync(client, await world.CustomerDb.Db.QueryFirstAsync("SELECT id FROM booking WHERE customer_id = $1", r => r.GetGuid(0), default, client.Id), "canceled_by_company");
        await world.AuditAsync();

        async Task ShownAsync(TestUser user, Guid booking, string status)
        {
            using HttpClient http = world.CustomerHttp(user);
            OfferStatus(await http.GetAsync($"/api/v1/customer/bookings/{booking}").JsonAsync(200)).ShouldBe(status);
            OfferStatus((await http.GetAsync("/api/v1/customer/bookings").JsonAsync(200))[0]).ShouldBe(status);
        }

        static string? OfferStatus(JsonElement booking) => booking.GetProperty("offer").GetProperty("status").GetString();
    }

    [Fact]
    public async Task Client_and_company_that_cancel_at_once_return_the_price_once_and_one_of_them_wins()
    {
        (TestUser client, _, Guid booking) = await PaidAsync();

        Task<HttpResponseMessage> byClient = CancelAsync(client, booking);
        Task<CancelByCompanyReply> byCompany = world.CancelByCompanyAsync(booking);

        bool clientWon = (await byClient).StatusCode == HttpStatusCode.OK;
        bool companyWon = (await byCompany).Code == CancelByCompanyReply.Types.Code.Cancelled;
        (clientWon ^ companyWon).ShouldBeTrue();
        (await world.BalanceAsync(client)).ShouldBe(10m);
        await world.AuditAsync();
    }

    [Fact]
    public async Task A_company_that_withdraws_while_a_client_books_leaves_the_client_unbooked_and_uncharged()
    {
        for (int i = 0; i < 20; i++)
        {
            long offer = await world.OfferAsync(10m);
            TestUser client = await world.ClientAsync(10m);

            Task<HttpResponseMessage> booking = world.BookAsync(client, offer);
            WithdrawOutcome withdrawn = await world.WithdrawAsync(offer);
            HttpResponseMessage answer = await booking;

            bool paid = answer.StatusCode == HttpStatusCode.OK;
            (withdrawn.Code == WithdrawOutcome.Types.Code.Withdrawn).ShouldBe(!paid);
            (await world.BalanceAsync(client)).ShouldBe(paid ? 0m : 10m);
        }
        await world.AuditAsync();
    }

    private async Task<(TestUser Client, long Offer, Guid Booking)> PaidAsync(int inHours = 48)
    {
        long offer = await world.OfferAsync(10m, inHours: inHours);
        TestUser client = await world.ClientAsync(10m);
        JsonElement booking = await world.BookAsync(client, offer).JsonAsync(200);
        return (client, offer, booking.GetProperty("id").GetGuid());
    }

    private async Task<HttpResponseMessage> CancelAsync(TestUser client, Guid booking)
    {
        using HttpClient http = world.CustomerHttp(client);
        return await http.PostAsync($"/api/v1/customer/bookings/{booking}/cancel", null);
    }
}
