using BookSaga.Booking.Reservations;
using BookSaga.Contracts;
using BookSaga.Contracts.Booking;
using BookSaga.Contracts.Payment;
using BookSaga.Payment.Steps;
using Google.Protobuf.WellKnownTypes;

namespace BookSaga.Simulation.Tests;

/// <summary>
/// The models decide as the real services on real PostgreSQL do: the same commands in the same order get the same answers.
/// Alone, because the simulation takes every core for itself.
/// </summary>
[Collection("alone")]
[CollectionDefinition("alone", DisableParallelization = true)]
public sealed class ConformanceTests : IAsyncLifetime
{
    private const int Commands = 3_000;
    private const int Seed = 20_261_123;
    private TestAuthority _authority = null!;
    private TestDatabase _bookingDb = null!;
    private TestDatabase _paymentDb = null!;
    private TestService<ReservationSteps> _booking = null!;
    private TestService<PaymentSteps> _payment = null!;

    public async ValueTask InitializeAsync()
    {
        _authority = await TestAuthority.StartAsync();
        (_bookingDb, _paymentDb) = (await TestDatabase.CreateAsync(), await TestDatabase.CreateAsync());
        _booking = await new TestService<ReservationSteps>(_authority, _bookingDb.Url, new() { ["Services:customer"] = "http://127.0.0.1:9" }).StartAsync();
        _payment = await new TestService<PaymentSteps>(_authority, _paymentDb.Url).StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _booking.DisposeAsync();
        await _payment.DisposeAsync();
        await _bookingDb.DisposeAsync();
        await _paymentDb.DisposeAsync();
        await _authority.DisposeAsync();
    }

    [Fact]
    public async Task The_booking_model_answers_as_the_booking_service()
    {
        var random = new Random(Seed);
        var model = new BookingModel();
        var offers = new Offers.OffersClient(_booking.Grpc());
        var claims = new Reservations.ReservationsClient(_booking.Grpc());
        string[] customers = [.. Enumerable.Range(0, 3).Select(_ => Guid.NewGuid().ToString())];
        string[] bookings = [.. Enumerable.Range(0, 8).Select(_ => Guid.NewGuid().ToString())];
        long[] ids = [.. await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => PostAsync(offers, model)))];
        for (int i = 0; i < Commands; i++)
        {
            if (i % 40 == 39)
            {
                // New bookings and a new offer, so that every state is met again and again.
                bookings[random.Next(bookings.Length)] = Guid.NewGuid().ToString();
                ids[random.Next(ids.Length)] = await PostAsync(offers, model);
            }
            long offer = random.Next(20) == 0 ? 999_999 : ids[random.Next(ids.Length)];
            string booking = bookings[random.Next(bookings.Length)];
            string customer = random.Next(15) == 0 ? customers[random.Next(customers.Length)] : customers[Math.Abs(booking.GetHashCode(StringComparison.Ordinal)) % customers.Length];
            var key = new ClaimKey { BookingId = booking, OfferId = offer, CustomerId = customer };
            (object real, object expected) = random.Next(6) switch
            {
                0 or 1 => await ReserveAsync(key),
                2 => ((object)(await claims.ConfirmAsync(new ClaimBatch { Items = { key } })).Outcomes[0].Code, model.Confirm(key).Code),
                3 => ((await claims.ReleaseAsync(new ClaimBatch { Items = { key } })).Outcomes[0].Code, model.Release(key).Code),
                4 => await CancelAsync(key),
                _ => ((await offers.WithdrawAsync(new WithdrawOffer { CompanyId = 1, OfferId = offer, Reason = "r", By = customer })).Code, model.Withdraw(offer)),
            };
            real.ShouldBe(expected, $"command {i} of seed {Seed}");
        }

        async Task<(object, object)> ReserveAsync(ClaimKey key)
        {
            var item = new ReserveOffer { BookingId = key.BookingId, OfferId = key.OfferId, CustomerId = key.CustomerId, CustomerJson = "{}" };
            return ((await claims.ReserveAsync(new ReserveBatch { Items = { item } })).Outcomes[0].Code, model.Reserve(item).Code);
        }

        async Task<(object, object)> CancelAsync(ClaimKey key)
        {
            var command = new CancelClaim { Key = key, By = random.Next(2) == 0 ? CancelClaim.Types.By.Customer : CancelClaim.Types.By.Company, Reason = "r" };
            return ((await claims.CancelAsync(command)).Code, model.Cancel(command).Code);
        }
    }

    [Fact]
    public async Task The_payment_model_answers_as_the_payment_service()
    {
        var random = new Random(Seed);
        var model = new PaymentModel();
        var payments = new Payments.PaymentsClient(_payment.Grpc());
        TestUser[] customers = [TestUser.New(), TestUser.New(), TestUser.New()];
        foreach (TestUser customer in customers)
        {
            using HttpClient http = _payment.Http(customer);
            await http.PostAsync("/api/v1/customer/payment/create-account", null).JsonAsync(201);
            await http.PostAsync("/api/v1/customer/payment/top-up", new { amount = 100 }).JsonAsync(200);
            model.Balances[customer.Id.ToString()] = 10_000;
        }
        string[] bookings = [.. Enumerable.Range(0, 8).Select(_ => Guid.NewGuid().ToString())];
        for (int i = 0; i < Commands; i++)
        {
            if (i % 15 == 14)
            {
                bookings[random.Next(bookings.Length)] = Guid.NewGuid().ToString();
            }
            string booking = bookings[random.Next(bookings.Length)];
            int hash = Math.Abs(booking.GetHashCode(StringComparison.Ordinal));
            var item = new ChargeItem
            {
                BookingId = booking,
                CustomerId = customers[random.Next(15) == 0 ? random.Next(3) : hash % 3].Id.ToString(),
                CompanyId = 1,
                OfferId = random.Next(20) == 0 ? 2 : 1,
                AmountMinor = random.Next(20) == 0 ? 77 : 100 + (hash % 3_000),
            };
            var batch = new ChargeBatch { Items = { item } };
            (PaymentOutcomes real, PaymentOutcome expected) = random.Next(5) switch
            {
                0 or 1 => (await payments.ChargeAsync(batch), model.Charge(item)),
                2 => (await payments.CancelAsync(batch), model.Cancel(item)),
                3 => (await payments.RefundAsync(batch), model.Close(item, refund: true)),
                _ => (await payments.RetainAsync(batch), model.Close(item, refund: false)),
            };
            real.Outcomes[0].Code.ShouldBe(expected.Code, $"command {i} of seed {Seed}");
        }
        foreach (TestUser customer in customers)
        {
            using HttpClient http = _payment.Http(customer);
            decimal balance = (await http.GetAsync("/api/v1/customer/payment/balance").JsonAsync(200)).GetProperty("balance").GetDecimal();
            (balance * 100).ShouldBe(model.Balances[customer.Id.ToString()]);
        }
    }

    private static async Task<long> PostAsync(Offers.OffersClient offers, BookingModel model)
    {
        AddOfferReply reply = await offers.AddAsync(new AddOffer
        {
            CompanyId = 1,
            ServiceId = 7,
            PriceMinor = 100,
            Datetime = Timestamp.FromDateTimeOffset(DateTimeOffset.UtcNow.AddDays(3)),
            Description = "",
            CreatedBy = Guid.NewGuid().ToString(),
            OperationId = Guid.NewGuid().ToString(),
            CompanyJson = Json.Write(new CompanyChanged(1, 1, "c", "a", "p", null, null, true, 24, [])),
        });
        model.Offers[reply.Id] = new BookingModel.OfferRow(reply.Id, 100);
        return reply.Id;
    }
}
