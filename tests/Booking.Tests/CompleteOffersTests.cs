using BookSaga.Contracts.Booking;
using BookSaga.Hosting.Data;

namespace BookSaga.Booking.Tests;

public sealed class CompleteOffersTests(BookingWorld world) : IClassFixture<BookingWorld>
{
    [Fact]
    public async Task A_paid_offer_is_completed_when_its_appointment_is_over_and_its_booking_is_told_once()
    {
        (long offer, ReserveOffer booking) = await PaidAsync();
        await PassedAsync(offer, hours: 25);

        await UntilAsync(offer, "completed");

        (await world.Database.Db.QueryAsync("SELECT payload::text FROM outbox WHERE destination = 'customer' AND type = 'booking.offer-completed.v1' AND (payload->>'offer_id')::bigint = $1", r => r.GetString(0), default, offer))
            .ShouldBe([$$"""{"offer_id": {{offer}}, "booking_id": "{{booking.BookingId}}"}"""]);
        (await world.Database.Db.QueryFirstAsync("SELECT state FROM reservation WHERE offer_id = $1 AND live", r => r.GetString(0), default, offer)).ShouldBe("paid");
        ClaimOutcome cancelled = await world.Reservations.CancelAsync(new CancelClaim { Key = BookingWorld.Key(booking), By = CancelClaim.Types.By.Customer, Reason = "" });
        (cancelled.Code, cancelled.Reason).ShouldBe((ClaimOutcome.Types.Code.Refused, "booking_completed"));
        (await world.StatusAsync(offer)).ShouldBe("completed");
    }

    [Fact]
    public async Task An_offer_is_not_completed_within_a_day_of_its_appointment_and_never_when_nobody_paid()
    {
        (long recent, _) = await PaidAsync();
        long open = await world.OfferAsync();
        await PassedAsync(recent, hours: 23);
        await PassedAsync(open, hours: 100);
        (long old, _) = await PaidAsync();
        await PassedAsync(old, hours: 25);

        await UntilAsync(old, "completed");

        (await world.StatusAsync(recent)).ShouldBe("paid");
        (await world.StatusAsync(open)).ShouldBe("open");
    }

    private async Task<(long Offer, ReserveOffer Booking)> PaidAsync()
    {
        long offer = await world.OfferAsync();
        ReserveOffer booking = BookingWorld.Reserve(offer);
        await world.ReserveAsync(booking);
        (await world.ConfirmAsync(BookingWorld.Key(booking))).Code.ShouldBe(ClaimOutcome.Types.Code.Done);
        return (offer, booking);
    }

    private async Task PassedAsync(long offer, int hours) =>
        await world.Database.Db.ExecuteAsync("UPDATE offer SET datetime = now() - $2 WHERE id = $1", default, offer, TimeSpan.FromHours(hours));

    private Task UntilAsync(long offer, string status) => Until.TrueAsync(async () => await world.StatusAsync(offer) == status);
}
