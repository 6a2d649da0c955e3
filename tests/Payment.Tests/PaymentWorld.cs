using BookSaga.Contracts.Payment;
using BookSaga.Hosting.Data;
using BookSaga.Payment.Steps;

namespace BookSaga.Payment.Tests;

/// <summary>The payment service on a database of its own.</summary>
public class PaymentWorld : IAsyncLifetime
{
    public TestAuthority Authority { get; private set; } = null!;

    public TestDatabase Database { get; private set; } = null!;

    internal TestService<PaymentSteps> Service { get; private set; } = null!;

    public Payments.PaymentsClient Payments { get; private set; } = null!;

    protected virtual Dictionary<string, string> Settings => [];

    public async ValueTask InitializeAsync()
    {
        Authority = await TestAuthority.StartAsync();
        Database = await TestDatabase.CreateAsync();
        Service = await new TestService<PaymentSteps>(Authority, Database.Url, Settings).StartAsync();
        Payments = new Payments.PaymentsClient(Service.Grpc());
    }

    public async ValueTask DisposeAsync()
    {
        await Service.DisposeAsync();
        await Database.DisposeAsync();
        await Authority.DisposeAsync();
    }

    public async Task<TestUser> ClientAsync(decimal balance)
    {
        var user = TestUser.New();
        using HttpClient http = Service.Http(user);
        await http.PostAsync("/api/v1/customer/payment/create-account", null).JsonAsync(201);
        if (balance > 0)
        {
            await http.PostAsync("/api/v1/customer/payment/top-up", new { amount = balance }).JsonAsync(200);
        }
        return user;
    }

    public async Task<decimal> BalanceAsync(TestUser user)
    {
        using HttpClient http = Service.Http(user);
        return (await http.GetAsync("/api/v1/customer/payment/balance").JsonAsync(200)).GetProperty("balance").GetDecimal();
    }

    public static ChargeItem Item(TestUser user, long minor, Guid? booking = null, long offer = 1, long company = 1) => new()
    {
        BookingId = (booking ?? Guid.CreateVersion7()).ToString(),
        CustomerId = user.Id.ToString(),
        CompanyId = company,
        OfferId = offer,
        AmountMinor = minor,
    };

    public async Task<PaymentOutcome[]> ChargeAsync(params ChargeItem[] items) => [.. (await Payments.ChargeAsync(new ChargeBatch { Items = { items } })).Outcomes];

    public async Task<PaymentOutcome> CancelAsync(ChargeItem item) => (await Payments.CancelAsync(new ChargeBatch { Items = { item } })).Outcomes[0];

    public async Task<PaymentOutcome> RefundAsync(ChargeItem item) => (await Payments.RefundAsync(new ChargeBatch { Items = { item } })).Outcomes[0];

    public async Task<PaymentOutcome> RetainAsync(ChargeItem item) => (await Payments.RetainAsync(new ChargeBatch { Items = { item } })).Outcomes[0];

    /// <summary>Double entry: all postings sum to 0, each transfer's too, and every customer's balance is the sum of theirs.</summary>
    public async Task AuditAsync()
    {
        long broken = await Database.Db.QueryFirstAsync("""
            SELECT abs(coalesce((SELECT sum(amount_minor) FROM posting), 0))::bigint
                 + (SELECT count(*) FROM (SELECT transfer_seq FROM posting GROUP BY 1 HAVING sum(amount_minor) <> 0 OR count(*) <> 2) x)
                 + (SELECT count(*) FROM account a WHERE kind = 'customer'
                    AND balance_minor <> (SELECT coalesce(sum(amount_minor), 0) FROM posting p WHERE p.account_id = a.id))
            """, row => row.GetInt64(0), default);
        broken.ShouldBe(0);
    }
}
