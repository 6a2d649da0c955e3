using BookSaga.Contracts;
using BookSaga.Contracts.Booking;
using BookSaga.Contracts.Events;
using BookSaga.Contracts.Payment;
using BookSaga.Hosting.Data;
using Grpc.Core;

namespace BookSaga.Saga.Tests;

/// <summary>The saga by events: repeats, disorder, latecomers, and a change of the mode under way.</summary>
public sealed class ChoreographyTests(ChoreographyTests.World world) : IClassFixture<ChoreographyTests.World>
{
    private static readonly BookingCustomer Nobody = new(Guid.Empty, "A", "B", "a@example.com");

    [Theory]
    [InlineData(10, "paid")]
    [InlineData(1, "open")]
    public async Task Every_event_of_a_finished_booking_ten_times_at_once_and_backwards_changes_nothing(int balance, string status)
    {
        long offer = await world.OfferAsync(10m);
        TestUser client = await world.ClientAsync(balance);
        using HttpResponseMessage answer = await world.BookAsync(client, offer);
        Guid booking = await world.BookingOfAsync(client);
        var step = new BookingStep(booking, offer, client.Id, 1, 1000, status == "paid" ? null : BookingReasons.InsufficientFunds);

        Event[] story =
        [
            World.Event(EventTypes.BookingRequested, new BookingRequested(booking, offer, Nobody with { Id = client.Id })),
            World.Event(EventTypes.OfferReserved, step),
            World.Event(status == "paid" ? EventTypes.PaymentCharged : EventTypes.PaymentRefused, step),
            World.Event(status == "paid" ? EventTypes.ClaimPaid : EventTypes.ClaimFailed, new BookingEnded(booking, step.Reason, 1000, null)),
        ];
        await Task.WhenAll(Enumerable.Range(0, 10).SelectMany(_ => story.Reverse()).Select(world.DeliverAsync));
        await world.SettleAsync();

        (await world.StatusAsync(offer)).ShouldBe(status);
        (await world.BalanceAsync(client)).ShouldBe(status == "paid" ? 0m : 1m);
        await world.AuditAsync();
    }

    [Fact]
    public async Task A_refused_confirmation_told_ten_times_returns_the_money_once()
    {
        long offer = await world.OfferAsync(10m);
        TestUser client = await world.ClientAsync(10m);
        world.Faults.Before("Confirm", () => world.WithdrawAsync(offer));
        await world.BookAsync(client, offer).ProblemAsync(409, "offer is not open");
        var step = new BookingStep(await world.BookingOfAsync(client), offer, client.Id, 1, 1000, BookingReasons.OfferWithdrawn);

        await Task.WhenAll(Enumerable.Range(0, 10)
            .SelectMany(_ => new[] { World.Event(EventTypes.PaymentRefunded, step), World.Event(EventTypes.ConfirmRefused, step) }).Select(world.DeliverAsync));
        await world.SettleAsync();

        (await world.BalanceAsync(client)).ShouldBe(10m);
        await world.AuditAsync();
    }

    [Fact]
    public async Task A_held_offer_that_is_told_after_its_payment_was_forbidden_charges_nothing()
    {
        TestUser client = await world.ClientAsync(10m);
        var item = new ChargeItem { BookingId = Guid.CreateVersion7().ToString(), CustomerId = client.Id.ToString(), OfferId = 1, CompanyId = 1, AmountMinor = 1000 };
        await new Payments.PaymentsClient(world.PaymentCalls).CancelAsync(new ChargeBatch { Items = { item } });

        await world.DeliverAsync(World.Event(EventTypes.OfferReserved, new BookingStep(Guid.Parse(item.BookingId), 1, client.Id, 1, 1000)));

        (await world.BalanceAsync(client)).ShouldBe(10m);
    }

    [Fact]
    public async Task A_request_that_comes_after_its_release_holds_nothing()
    {
        long offer = await world.OfferAsync(10m);
        TestUser client = await world.ClientAsync(10m);
        var booking = Guid.CreateVersion7();
        await new Reservations.ReservationsClient(world.BookingCalls).ReleaseAsync(new ClaimBatch
        {
            Items = { new ClaimKey { BookingId = booking.ToString(), OfferId = offer, CustomerId = client.Id.ToString() } },
        });

        await world.DeliverAsync(World.Event(EventTypes.BookingRequested, new BookingRequested(booking, offer, Nobody with { Id = client.Id })));
        await world.SettleAsync();

        (await world.StatusAsync(offer)).ShouldBe("open");
        (await world.BalanceAsync(client)).ShouldBe(10m);
    }

    [Fact]
    public async Task Bookings_that_began_in_one_mode_end_in_the_other()
    {
        long[] offers = [await world.OfferAsync(10m), await world.OfferAsync(10m)];
        TestUser client = await world.ClientAsync(30m);
        world.Faults.Before("Confirm", Faults.Lost, always: true);
        Task<HttpResponseMessage> byEvents = world.BookAsync(client, offers[0]);
        await world.CalledAsync("Confirm");
        await world.RestartCustomerAsync("Orchestration");
        Task<HttpResponseMessage> byCommands = world.BookAsync(client, offers[1]);
        await world.CalledAsync("Confirm");
        await world.RestartCustomerAsync("Choreography");
        world.Faults.Clear();

        await world.AuditAsync();
        // What a client is told while its process stops is nobody's promise.
        await Task.WhenAny(Task.WhenAll(byEvents, byCommands));

        (await world.StatusAsync(offers[0])).ShouldBe("paid");
        (await world.StatusAsync(offers[1])).ShouldBe("paid");
        (await world.BalanceAsync(client)).ShouldBe(10m);
    }

    /// <summary>The services in choreography, whatever mode the other tests run in.</summary>
    public sealed class World : SagaWorld
    {
        private string _mode = "Choreography";

        public CallInvoker BookingCalls => Booking.Grpc();

        public CallInvoker PaymentCalls => Payment.Grpc();

        internal static Event Event<T>(string type, T payload) => new() { Id = Guid.NewGuid().ToString(), Type = type, PayloadJson = Json.Write(payload) };

        public Task<Guid> BookingOfAsync(TestUser client) => CustomerDb.Db.QueryFirstAsync("SELECT id FROM booking WHERE customer_id = $1", r => r.GetGuid(0), default, client.Id);

        /// <summary>To whom it belongs; taken without an error.</summary>
        public async Task DeliverAsync(Event sent)
        {
            CallInvoker owner = sent.Type switch
            {
                EventTypes.OfferReserved or EventTypes.ConfirmRefused => PaymentCalls,
                EventTypes.ClaimPaid or EventTypes.ClaimFailed => CustomerGrpc(),
                _ => BookingCalls,
            };
            (await new EventSink.EventSinkClient(owner).DeliverAsync(new EventBatch { Events = { sent } })).Errors.ShouldBe([""]);
        }

        /// <summary>Waits until no event between the three is under way.</summary>
        public async Task SettleAsync()
        {
            int quiet = 0;
            await Until.TrueAsync(async () =>
            {
                long waiting = await One(CustomerDb, "SELECT count(*) FROM outbox WHERE destination <> 'notification'") + await One(BookingDb, "SELECT count(*) FROM outbox") + await One(PaymentDb, "SELECT count(*) FROM outbox");
                quiet = waiting == 0 ? quiet + 1 : 0;
                return quiet == 3;
            });
        }

        /// <summary>Waits for the next call of a step.</summary>
        public async Task CalledAsync(string step)
        {
            int before = Calls(step);
            await Until.TrueAsync(() => Calls(step) > before);
        }

        public async Task RestartCustomerAsync(string mode)
        {
            _mode = mode;
            await Customer!.DisposeAsync();
            await StartCustomerAsync();
        }

        protected override Dictionary<string, string> CustomerSettings() => new(base.CustomerSettings()) { ["Saga:Mode"] = _mode };

        private int Calls(string step)
        {
            lock (Faults.Calls)
            {
                return Faults.Calls.GetValueOrDefault(step);
            }
        }
    }
}
