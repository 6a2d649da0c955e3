using BookSaga.Notification.Sending;

namespace BookSaga.Saga.Tests;

/// <summary>The saga's services and notification, joined by a broker of their own.</summary>
public sealed class BrokerWorld : SagaWorld
{
    private readonly string _mails = Directory.CreateTempSubdirectory("booksaga-mail-").FullName;
    private TestDatabase _notificationDb = null!;
    private TestService<MailQueue> _notification = null!;

    public TestBroker Broker { get; private set; } = null!;

    public string Mode { get; private set; } = "Orchestration";

    public override async ValueTask InitializeAsync()
    {
        Broker = await TestBroker.StartAsync();
        await base.InitializeAsync();
        _notificationDb = await TestDatabase.CreateAsync();
        _notification = await new TestService<MailQueue>(Authority, _notificationDb.Url, WithBroker(new() { ["Mail:Directory"] = _mails })).StartAsync();
    }

    public override async ValueTask DisposeAsync()
    {
        await _notification.DisposeAsync();
        await base.DisposeAsync();
        await _notificationDb.DisposeAsync();
        await Broker.DisposeAsync();
        Directory.Delete(_mails, recursive: true);
    }

    /// <summary>Restarts customer in <paramref name="mode"/>.</summary>
    public async Task UseAsync(string mode)
    {
        Mode = mode;
        await Customer!.DisposeAsync();
        await StartCustomerAsync();
    }

    /// <summary>Events that wait in the outboxes.</summary>
    public async Task<long> WaitingAsync() =>
        await One(CustomerDb, "SELECT count(*) FROM outbox") + await One(BookingDb, "SELECT count(*) FROM outbox") + await One(PaymentDb, "SELECT count(*) FROM outbox");

    /// <summary>Outcomes that notification has, and how many of them it has twice.</summary>
    public async Task<(long Received, long Twice)> ReceivedAsync() => (
        await One(_notificationDb, "SELECT count(*) FROM received"),
        await One(_notificationDb, "SELECT count(*) FROM (SELECT FROM received GROUP BY booking_id, type HAVING count(*) > 1) x"));

    /// <summary>Waits until nothing is under way and notification has <paramref name="outcomes"/>.</summary>
    public async Task DrainedAsync(long outcomes)
    {
        await Until.TrueAsync(async () => await WaitingAsync() == 0 && (await ReceivedAsync()).Received >= outcomes);
        (await ReceivedAsync()).ShouldBe((outcomes, 0));
    }

    protected override Dictionary<string, string> BookingSettings() => WithBroker(base.BookingSettings());

    protected override Dictionary<string, string> PaymentSettings() => WithBroker(base.PaymentSettings());

    protected override Dictionary<string, string> CustomerSettings() => WithBroker(new(base.CustomerSettings()) { ["Saga:Mode"] = Mode });

    protected override async Task<long> ToldAsync() => await base.ToldAsync() + (await ReceivedAsync()).Received;

    private Dictionary<string, string> WithBroker(Dictionary<string, string> settings) => new(settings)
    {
        ["Events:Transport"] = "RabbitMq",
        ["Events:RabbitMq:Url"] = Broker.Url,
        ["Events:RabbitMq:Timeout"] = "00:00:02",
    };
}
