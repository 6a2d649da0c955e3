using System.Text.Json;
using BookSaga.Contracts.Customer;
using BookSaga.Contracts.Events;
using BookSaga.Hosting.Data;

namespace BookSaga.Saga.Tests;

public sealed class CompletedBookingTests(SagaWorld world) : IClassFixture<SagaWorld>
{
    [Fact]
    public async Task A_booking_whose_appointment_is_over_is_completed_and_neither_side_can_cancel_it()
    {
        (TestUser client, long offer, Guid booking) = await PaidAsync();

        await CompleteAsync(offer, booking);

        using HttpClient http = world.CustomerHttp(client);
        (await http.PostAsync($"/api/v1/customer/bookings/{booking}/cancel", null).JsonAsync(409)).GetProperty("code").GetString().ShouldBe("booking_completed");
        CancelByCompanyReply company = await world.CancelByCompanyAsync(booking);
        (company.Code, company.Reason).ShouldBe((CancelByCompanyReply.Types.Code.Refused, "booking_completed"));
        JsonElement view = await http.GetAsync($"/api/v1/customer/bookings/{booking}").JsonAsync(200);
        view.GetProperty("offer").GetProperty("status").GetString().ShouldBe("completed");
        (await world.StatusAsync(offer)).ShouldBe("completed");
        (await world.BalanceAsync(client)).ShouldBe(0m);
        await world.AuditAsync();
    }

    [Fact]
    public async Task A_cancellation_that_meets_the_completed_offer_first_is_refused_and_the_money_stays()
    {
        (TestUser client, long offer, Guid booking) = await PaidAsync();
        world.Faults.Before("Cancel", () => PassedAsync(offer));

        using HttpClient http = world.CustomerHttp(client);
        (await http.PostAsync($"/api/v1/customer/bookings/{booking}/cancel", null).JsonAsync(409)).GetProperty("code").GetString().ShouldBe("booking_completed");

        (await world.BalanceAsync(client)).ShouldBe(0m);
        await world.AuditAsync();
    }

    [Fact]
    public async Task A_repeated_event_changes_nothing_and_a_cancelled_booking_stays_cancelled()
    {
        (TestUser client, long offer, Guid booking) = await PaidAsync();
        using HttpClient http = world.CustomerHttp(client);
        await http.PostAsync($"/api/v1/customer/bookings/{booking}/cancel", null).JsonAsync(200);
        var sink = new EventSink.EventSinkClient(world.CustomerGrpc());
        var told = new Event { Id = Guid.NewGuid().ToString(), Type = "booking.offer-completed.v1", PayloadJson = $$"""{"booking_id":"{{booking}}","offer_id":{{offer}}}""" };

        (await sink.DeliverAsync(new EventBatch { Events = { told, told } })).Errors.ShouldBe(["", ""]);

        (await http.GetAsync($"/api/v1/customer/bookings/{booking}").JsonAsync(200)).GetProperty("status").GetString().ShouldBe("cancelled");
        await world.AuditAsync();
    }

    private async Task<(TestUser Client, long Offer, Guid Booking)> PaidAsync()
    {
        long offer = await world.OfferAsync(10m);
        TestUser client = await world.ClientAsync(10m);
        JsonElement booking = await world.BookAsync(client, offer).JsonAsync(200);
        return (client, offer, booking.GetProperty("id").GetGuid());
    }

    // From here on the appointment is over for long enough, and the sweep has seen it.
    private async Task PassedAsync(long offer)
    {
        await world.BookingDb.Db.ExecuteAsync("UPDATE offer SET datetime = now() - interval '25 hours' WHERE id = $1", default, offer);
        await UntilAsync(world.BookingDb, "SELECT status FROM offer WHERE id = $1", offer);
    }

    private async Task CompleteAsync(long offer, Guid booking)
    {
        await PassedAsync(offer);
        await UntilAsync(world.CustomerDb, "SELECT status FROM booking WHERE id = $1", booking);
    }

    private static Task UntilAsync(TestDatabase database, string sql, object id) =>
        Until.TrueAsync(async () => await database.Db.QueryFirstAsync(sql, r => r.GetString(0), default, id) == "completed");
}
