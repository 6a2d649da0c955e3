using System.Text.Json;
using BookSaga.Contracts;
using BookSaga.Contracts.Booking;
using BookSaga.Contracts.Customer;
using BookSaga.Hosting.Data;
using Google.Protobuf.WellKnownTypes;
using Grpc.AspNetCore.Server;
using Microsoft.Extensions.DependencyInjection;

namespace BookSaga.Saga.Tests;

/// <summary>The saga's three services on real ports and databases, with faults in front of the participants; every test ends with the audit.</summary>
public class SagaWorld : IAsyncLifetime
{
    protected TestAuthority Authority { get; private set; } = null!;

    public TestDatabase BookingDb { get; private set; } = null!;

    public TestDatabase PaymentDb { get; private set; } = null!;

    public TestDatabase CustomerDb { get; private set; } = null!;

    internal TestService<BookSaga.Booking.Reservations.ReservationSteps> Booking { get; private set; } = null!;

    internal TestService<BookSaga.Payment.Steps.PaymentSteps> Payment { get; private set; } = null!;

    public Faults Faults { get; } = new();

    /// <summary>Where booking delivers its events.</summary>
    protected int CustomerGrpcPort { get; } = FreePort.Next();

    private readonly int _bookingGrpcPort = FreePort.Next();
    private readonly int _paymentGrpcPort = FreePort.Next();

    private protected TestService<BookSaga.Customer.Bookings.BookingStore>? Customer { get; set; }

    public virtual async ValueTask InitializeAsync()
    {
        Authority = await TestAuthority.StartAsync();
        BookingDb = await TestDatabase.CreateAsync();
        PaymentDb = await TestDatabase.CreateAsync();
        CustomerDb = await TestDatabase.CreateAsync();
        Booking = await new TestService<BookSaga.Booking.Reservations.ReservationSteps>(
            Authority, BookingDb.Url, BookingSettings(), WithFaults, grpcPort: _bookingGrpcPort).StartAsync();
        Payment = await new TestService<BookSaga.Payment.Steps.PaymentSteps>(Authority, PaymentDb.Url, PaymentSettings(), WithFaults, grpcPort: _paymentGrpcPort).StartAsync();
        await StartCustomerAsync();
    }

    /// <summary>Puts <see cref="Faults"/> in front of a participant.</summary>
    protected void WithFaults(IServiceCollection services)
    {
        services.AddSingleton(Faults);
        services.Configure<GrpcServiceOptions>(grpc => grpc.Interceptors.Add<Faults>());
    }

    public virtual async ValueTask DisposeAsync()
    {
        foreach (IAsyncDisposable? part in new IAsyncDisposable?[] { Customer, Booking, Payment, CustomerDb, PaymentDb, BookingDb, Authority })
        {
            if (part is not null)
            {
                await part.DisposeAsync();
            }
        }
        GC.SuppressFinalize(this);
    }

    /// <summary>All of these tests run in both modes: <c>BOOKSAGA_SAGA_MODE</c>.</summary>
    public static bool Choreographed { get; } = Environment.GetEnvironmentVariable("BOOKSAGA_SAGA_MODE") == "Choreography";

    protected virtual Dictionary<string, string> PaymentSettings() => new() { ["Services:booking"] = $"http://127.0.0.1:{_bookingGrpcPort}" };

    protected virtual Dictionary<string, string> BookingSettings() => new()
    {
        ["Services:payment"] = $"http://127.0.0.1:{_paymentGrpcPort}",
        ["Services:customer"] = $"http://127.0.0.1:{CustomerGrpcPort}",
        ["Offers:CompleteInterval"] = "00:00:00.1",
    };

    /// <summary>The customer service's settings: short times, so that tests of recovery do not take long.</summary>
    protected virtual Dictionary<string, string> CustomerSettings() => new()
    {
        ["Services:booking"] = Booking.GrpcAddress,
        ["Services:payment"] = Payment.GrpcAddress,
        // Nobody listens there: the events stay in the outbox, where the audit counts them.
        ["Services:notification"] = "http://127.0.0.1:9",
        ["Services:company"] = "http://127.0.0.1:9",
        ["Services:customer"] = $"http://127.0.0.1:{CustomerGrpcPort}",
        ["Saga:Mode"] = Choreographed ? "Choreography" : "Orchestration",
        ["Saga:Lease"] = "00:00:00.9",
        ["Saga:CallTimeout"] = "00:00:00.5",
        ["Saga:SweepInterval"] = "00:00:00.1",
        ["Saga:Deadline"] = "00:00:03",
        ["Saga:WaitLimit"] = "00:00:08",
    };

    protected virtual async Task StartCustomerAsync() =>
        Customer = await CustomerReplicaAsync(CustomerGrpcPort);

    /// <summary>One more of the customer service on the same database.</summary>
    internal Task<TestService<BookSaga.Customer.Bookings.BookingStore>> CustomerReplicaAsync(int? grpcPort = null) =>
        new TestService<BookSaga.Customer.Bookings.BookingStore>(Authority, CustomerDb.Url, CustomerSettings(), ConfigureCustomer, grpcPort: grpcPort).StartAsync();

    /// <summary>What a test puts into the customer service in place of its own parts.</summary>
    protected virtual void ConfigureCustomer(IServiceCollection services)
    {
    }

    /// <summary>A part of the customer service.</summary>
    internal T CustomerService<T>()
        where T : notnull => Customer!.Services.GetRequiredService<T>();

    public virtual HttpClient CustomerHttp(TestUser user) => Customer!.Http(user);

    public Grpc.Core.CallInvoker CustomerGrpc() => Customer!.Grpc();

    /// <summary>An open offer in the future.</summary>
    public async Task<long> OfferAsync(decimal price, long company = 1, int inHours = 48)
    {
        var changed = new CompanyChanged(company, 1, "Барбершоп «У Ильи»", "Main st. 1", "+7 999 000", "shop@example.com", [55.7, 37.6], true, 24, ["boss@example.com"]);
        var offers = new Offers.OffersClient(Booking.Grpc());
        AddOfferReply reply = await offers.AddAsync(new AddOffer
        {
            CompanyId = company,
            ServiceId = 7,
            PriceMinor = (long)(price * 100),
            Datetime = Timestamp.FromDateTimeOffset(DateTimeOffset.UtcNow.AddHours(inHours)),
            Description = "",
            CreatedBy = Guid.NewGuid().ToString(),
            OperationId = Guid.NewGuid().ToString(),
            CompanyJson = Json.Write(changed),
        });
        reply.Code.ShouldBe(AddOfferReply.Types.Code.Added);
        return reply.Id;
    }

    /// <summary>A new client with an account and money.</summary>
    public async Task<TestUser> ClientAsync(decimal balance)
    {
        var user = TestUser.New();
        using HttpClient http = Payment.Http(user);
        await http.PostAsync("/api/v1/customer/payment/create-account", null).JsonAsync(201);
        if (balance > 0)
        {
            await http.PostAsync("/api/v1/customer/payment/top-up", new { amount = balance }).JsonAsync(200);
        }
        return user;
    }

    public async Task<HttpResponseMessage> BookAsync(TestUser user, long offer, string? key = null)
    {
        using HttpClient http = CustomerHttp(user);
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/api/v1/customer/offer/{offer}/book");
        if (key is not null)
        {
            request.Headers.Add("Idempotency-Key", key);
        }
        return await http.SendAsync(request);
    }

    public async Task<decimal> BalanceAsync(TestUser user)
    {
        using HttpClient http = Payment.Http(user);
        return (await http.GetAsync("/api/v1/customer/payment/balance").JsonAsync(200)).GetProperty("balance").GetDecimal();
    }

    public async Task<string> StatusAsync(long offer)
    {
        using HttpClient http = Booking.Http(null);
        return (await http.GetAsync($"/api/v1/offers/{offer}").JsonAsync(200)).GetProperty("status").GetString()!;
    }

    public async Task<WithdrawOutcome> WithdrawAsync(long offer, long company = 1) => await new Offers.OffersClient(Booking.Grpc()).WithdrawAsync(
        new WithdrawOffer { CompanyId = company, OfferId = offer, Reason = "ill", By = Guid.NewGuid().ToString(), Language = "en" });

    public Task<CancelByCompanyReply> CancelByCompanyAsync(Guid booking, long company = 1, Guid? manager = null) =>
        new Bookings.BookingsClient(Customer!.Grpc()).CancelByCompanyAsync(
            new CancelByCompanyRequest { BookingId = booking.ToString(), CompanyId = company, Reason = "ill", ManagerId = manager?.ToString() ?? "" }).ResponseAsync;

    /// <summary>Waits until no saga is live.</summary>
    public Task QuietAsync() => Until.TrueAsync(async () =>
        await One(CustomerDb, "SELECT (SELECT count(*) FROM booking WHERE live) + (SELECT count(*) FROM cancellation WHERE live)") == 0);

    /// <summary>All that must always be true, across the three databases, when no saga is live.</summary>
    public async Task AuditAsync()
    {
        await QuietAsync();
        (await One(PaymentDb, "SELECT coalesce(sum(amount_minor), 0)::bigint FROM posting")).ShouldBe(0, "money is conserved");
        (await One(PaymentDb, "SELECT count(*) FROM (SELECT transfer_seq FROM posting GROUP BY 1 HAVING sum(amount_minor) <> 0) x")).ShouldBe(0, "every transfer balances");
        (await One(PaymentDb, """
            SELECT count(*) FROM account a WHERE kind = 'customer'
            AND balance_minor <> (SELECT coalesce(sum(amount_minor), 0) FROM posting p WHERE p.account_id = a.id)
            """)).ShouldBe(0, "a balance is the sum of its postings");
        (await One(PaymentDb, """
            SELECT count(*) FROM (
                SELECT t.balance_after, coalesce(sum(p.amount_minor) OVER (PARTITION BY t.customer_id ORDER BY t.seq), 0) AS running
                FROM transfer t JOIN account a ON a.customer_id = t.customer_id
                LEFT JOIN posting p ON p.account_id = a.id AND p.transfer_seq = t.seq
            ) x WHERE balance_after <> running
            """)).ShouldBe(0, "every line of a statement has the balance that the lines up to it make");
        (await One(BookingDb, "SELECT count(*) FROM offer WHERE status = 'reserved'")).ShouldBe(0, "nothing hangs");
        List<Guid> sold = await BookingDb.Db.QueryAsync("SELECT booking_id FROM offer WHERE status IN ('paid', 'completed') ORDER BY 1", r => r.GetGuid(0), default);
        List<Guid> paid = await PaymentDb.Db.QueryAsync("""
            SELECT id FROM transfer p WHERE type = 'payment' AND status = 'completed'
            AND NOT EXISTS (SELECT FROM transfer c WHERE c.id = p.id AND c.type IN ('refund', 'retained')) ORDER BY 1
            """, r => r.GetGuid(0), default);
        List<Guid> bookings = await CustomerDb.Db.QueryAsync("SELECT id FROM booking WHERE status IN ('paid', 'completed') ORDER BY 1", r => r.GetGuid(0), default);
        paid.ShouldBe(sold, "an offer is paid, or completed after that, exactly when one open payment has its booking's id");
        bookings.ShouldBe(sold, "a booking is paid exactly when its offer is");
        (await One(CustomerDb, "SELECT (SELECT count(*) FROM booking) + (SELECT count(*) FROM cancellation WHERE status = 'cancelled')") - await ToldAsync())
            .ShouldBe(0, "one event for every outcome");
        (await One(CustomerDb, "SELECT count(*) FROM (SELECT FROM outbox WHERE destination = 'notification' GROUP BY payload->>'booking_id', type HAVING count(*) > 1) x")).ShouldBe(0, "no outcome is told twice");
        (await One(BookingDb, """
            SELECT count(*) FROM offer o FULL JOIN (SELECT * FROM reservation WHERE live) r ON r.offer_id = o.id
            WHERE (r.state = 'paid') IS DISTINCT FROM (o.status IN ('paid', 'completed')) AND (r.state IS NOT NULL OR o.status IN ('paid', 'completed')) OR r.booking_id <> o.booking_id
            """)).ShouldBe(0, "an offer and its claim say the same");
    }

    /// <summary>Outcomes that are told, or on their way.</summary>
    protected virtual Task<long> ToldAsync() => One(CustomerDb, "SELECT count(*) FROM outbox WHERE destination = 'notification'");

    public static Task<long> One(TestDatabase database, string sql, params object[] args) =>
        database.Db.QueryFirstAsync(sql, r => r.GetInt64(0), default, args);

    public static async Task<JsonElement> Json200(HttpResponseMessage response) => await Task.FromResult(response).JsonAsync(200);
}
