using BookSaga.Contracts;
using BookSaga.Contracts.Booking;
using Grpc.Core;
using Claimed = BookSaga.Contracts.Booking.ClaimOutcome.Types.Code;
using Reserved = BookSaga.Contracts.Booking.ReserveOutcome.Types.Code;

namespace BookSaga.Booking.Tests;

public sealed class ReservationTests(BookingWorld world) : IClassFixture<BookingWorld>
{
    [Fact]
    public async Task Eight_callers_for_one_open_offer_get_one_reservation()
    {
        long offer = await world.OfferAsync();

        ReserveOutcome[][] calls = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => world.ReserveAsync(BookingWorld.Reserve(offer))));

        calls.Count(c => c[0].Code == Reserved.Held).ShouldBe(1);
        calls.Count(c => c[0].Code == Reserved.Taken).ShouldBe(7);
        (await world.StatusAsync(offer)).ShouldBe("reserved");
    }

    [Fact]
    public async Task Eight_bookings_for_one_offer_in_one_batch_get_one_reservation()
    {
        long offer = await world.OfferAsync();

        ReserveOutcome[] outcomes = await world.ReserveAsync([.. Enumerable.Range(0, 8).Select(_ => BookingWorld.Reserve(offer))]);

        outcomes.Count(o => o.Code == Reserved.Held).ShouldBe(1);
    }

    [Fact]
    public async Task A_repeat_gets_the_recorded_outcome_with_price_and_snapshot_also_twice_in_one_batch()
    {
        long offer = await world.OfferAsync();
        ReserveOffer item = BookingWorld.Reserve(offer);

        ReserveOutcome[] outcomes = [.. await world.ReserveAsync(item, item.Clone()), .. await world.ReserveAsync(item)];

        outcomes.ShouldAllBe(o => o.Code == Reserved.Held && o.PriceMinor == 100 && o.CompanyId == 1);
        OfferSnapshot snapshot = Json.Read<OfferSnapshot>(outcomes[2].SnapshotJson);
        snapshot.Offer.Id.ShouldBe(offer);
        snapshot.Company.ManagerEmails.ShouldBe(["boss@example.com"]);
        snapshot.ServiceNames["en"].ShouldBe("Men's haircut and shave");
    }

    [Fact]
    public async Task An_unknown_offer_is_not_found_and_stays_so_for_that_booking()
    {
        ReserveOffer item = BookingWorld.Reserve(999_999_999);
        (await world.ReserveAsync(item))[0].Code.ShouldBe(Reserved.NotFound);
        (await world.ReserveAsync(item))[0].Code.ShouldBe(Reserved.NotFound);
    }

    [Fact]
    public async Task A_refused_booking_stays_refused_when_the_offer_is_open_again()
    {
        long offer = await world.OfferAsync();
        ReserveOffer winner = BookingWorld.Reserve(offer);
        ReserveOffer loser = BookingWorld.Reserve(offer);
        await world.ReserveAsync(winner);
        await world.ReserveAsync(loser);
        await world.ReleaseAsync(BookingWorld.Key(winner));

        (await world.ReserveAsync(loser))[0].Code.ShouldBe(Reserved.Taken);

        (await world.StatusAsync(offer)).ShouldBe("open");
    }

    [Fact]
    public async Task A_reserve_that_arrives_after_its_release_holds_nothing()
    {
        long offer = await world.OfferAsync();
        ReserveOffer item = BookingWorld.Reserve(offer);

        (await world.ReleaseAsync(BookingWorld.Key(item))).Code.ShouldBe(Claimed.Done);
        (await world.ReserveAsync(item))[0].Code.ShouldBe(Reserved.Released);

        (await world.StatusAsync(offer)).ShouldBe("open");
    }

    [Fact]
    public async Task Confirm_and_release_act_once_and_a_paid_claim_is_not_released()
    {
        long offer = await world.OfferAsync();
        ReserveOffer item = BookingWorld.Reserve(offer);
        await world.ReserveAsync(item);

        ClaimOutcome[] confirms = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => world.ConfirmAsync(BookingWorld.Key(item))));

        confirms.ShouldAllBe(o => o.Code == Claimed.Done);
        (await world.ReleaseAsync(BookingWorld.Key(item))).Code.ShouldBe(Claimed.Refused);
        (await world.StatusAsync(offer)).ShouldBe("paid");
    }

    [Fact]
    public async Task Nobody_confirms_releases_or_cancels_the_claim_of_another_customer()
    {
        long offer = await world.OfferAsync();
        ReserveOffer item = BookingWorld.Reserve(offer);
        await world.ReserveAsync(item);
        ClaimKey stolen = BookingWorld.Key(item);
        stolen.CustomerId = Guid.NewGuid().ToString();

        (await world.ConfirmAsync(stolen)).Code.ShouldBe(Claimed.Mismatch);
        (await world.StatusAsync(offer)).ShouldBe("reserved");
        (await world.ReleaseAsync(stolen)).Code.ShouldBe(Claimed.Mismatch);
        await world.ConfirmAsync(BookingWorld.Key(item));
        (await world.Reservations.CancelAsync(new CancelClaim { Key = stolen, By = CancelClaim.Types.By.Customer })).Code.ShouldBe(Claimed.Mismatch);

        (await world.StatusAsync(offer)).ShouldBe("paid");
    }

    [Fact]
    public async Task A_withdrawn_offer_refuses_confirm_for_ever_and_a_new_reserve_too()
    {
        long offer = await world.OfferAsync();
        ReserveOffer item = BookingWorld.Reserve(offer);
        await world.ReserveAsync(item);

        (await WithdrawAsync(offer)).Code.ShouldBe(WithdrawOutcome.Types.Code.Withdrawn);

        (await world.ConfirmAsync(BookingWorld.Key(item))).Code.ShouldBe(Claimed.Gone);
        (await world.ReleaseAsync(BookingWorld.Key(item))).Code.ShouldBe(Claimed.Done);
        (await world.ReserveAsync(BookingWorld.Reserve(offer)))[0].Code.ShouldBe(Reserved.Taken);
        (await WithdrawAsync(offer)).Code.ShouldBe(WithdrawOutcome.Types.Code.Closed);
        (await world.StatusAsync(offer)).ShouldBe("canceled_by_company");
    }

    [Fact]
    public async Task A_paid_offer_is_named_with_its_booking_and_left_as_it_is_and_not_shown_to_another_company()
    {
        long offer = await world.OfferAsync();
        ReserveOffer item = BookingWorld.Reserve(offer);
        await world.ReserveAsync(item);
        await world.ConfirmAsync(BookingWorld.Key(item));

        WithdrawOutcome outcome = await WithdrawAsync(offer);

        (outcome.Code, outcome.BookingId, outcome.CustomerId).ShouldBe((WithdrawOutcome.Types.Code.Paid, item.BookingId, item.CustomerId));
        (await WithdrawAsync(offer, company: 2)).Code.ShouldBe(WithdrawOutcome.Types.Code.NotFound);
        (await world.StatusAsync(offer)).ShouldBe("paid");
    }

    [Fact]
    public async Task Client_and_company_that_cancel_one_claim_at_once_one_of_them_wins()
    {
        long offer = await world.OfferAsync();
        ReserveOffer item = BookingWorld.Reserve(offer);
        await world.ReserveAsync(item);
        await world.ConfirmAsync(BookingWorld.Key(item));

        ClaimOutcome[] outcomes = await Task.WhenAll(new[] { CancelClaim.Types.By.Customer, CancelClaim.Types.By.Company }
            .Select(by => world.Reservations.CancelAsync(new CancelClaim { Key = BookingWorld.Key(item), By = by, Reason = "r" }).ResponseAsync));

        outcomes.Select(o => o.Code).Order().ShouldBe([Claimed.Done, Claimed.Refused]);
        (await world.StatusAsync(offer)).ShouldBe(outcomes[0].Code == Claimed.Done ? "open" : "canceled_by_company");
    }

    [Fact]
    public async Task A_bad_item_harms_no_other_in_its_batch()
    {
        ReserveOffer good = BookingWorld.Reserve(await world.OfferAsync());
        ReserveOffer bad = BookingWorld.Reserve(await world.OfferAsync());
        bad.CustomerJson = "no JSON";

        ReserveOutcome[] outcomes = await world.ReserveAsync(good, bad);

        outcomes.Select(o => o.Code).ShouldBe([Reserved.Held, Reserved.Unspecified]);
        (await world.StatusAsync(bad.OfferId)).ShouldBe("open");
    }

    [Fact]
    public async Task A_statement_that_was_refused_does_not_spoil_its_connection()
    {
        await using var one = await new TestService<BookSaga.Booking.Reservations.ReservationSteps>(
            world.Authority, world.Database.Url + ";Maximum Pool Size=1", new() { ["Services:customer"] = "http://127.0.0.1:9" }).StartAsync();
        var reservations = new Contracts.Booking.Reservations.ReservationsClient(one.Grpc());
        for (int i = 0; i < 10; i++)
        {
            ReserveOffer item = BookingWorld.Reserve(await world.OfferAsync());
            item.CustomerJson = i % 2 == 0 ? "no JSON" : item.CustomerJson;

            ReserveOutcomes answer = await reservations.ReserveAsync(new ReserveBatch { Items = { item } });

            answer.Outcomes[0].Code.ShouldBe(i % 2 == 0 ? Reserved.Unspecified : Reserved.Held);
        }
    }

    [Fact]
    public async Task The_same_booking_for_another_offer_is_a_mismatch()
    {
        long offer = await world.OfferAsync();
        ReserveOffer item = BookingWorld.Reserve(offer);
        await world.ReserveAsync(item);
        ReserveOffer other = item.Clone();
        other.OfferId = await world.OfferAsync();

        (await world.ReserveAsync(other))[0].Code.ShouldBe(Reserved.Mismatch);

        (await world.StatusAsync(other.OfferId)).ShouldBe("open");
    }

    [Fact]
    public async Task Nobody_but_our_own_services_may_call_the_steps()
    {
        var stranger = new Contracts.Booking.Reservations.ReservationsClient(world.Service.Grpc(world.Authority.UserToken(TestUser.New())));
        RpcException refused = await Should.ThrowAsync<RpcException>(async () => await stranger.ConfirmAsync(new ClaimBatch()));
        refused.StatusCode.ShouldBe(StatusCode.PermissionDenied);
    }

    private Task<WithdrawOutcome> WithdrawAsync(long offer, long company = 1) => world.Offers.WithdrawAsync(
        new WithdrawOffer { CompanyId = company, OfferId = offer, Reason = "ill", By = Guid.NewGuid().ToString(), Language = "en" }).ResponseAsync;
}
