using BookSaga.Contracts.Events;
using BookSaga.Hosting.Data;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Time.Testing;
using Npgsql;

[assembly: AssemblyFixture(typeof(BookSaga.Notification.Tests.Authority))]

namespace BookSaga.Notification.Tests;

/// <summary>One identity provider for all tests.</summary>
public sealed class Authority : IAsyncLifetime
{
    public TestAuthority Provider { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Provider = await TestAuthority.StartAsync();

    public ValueTask DisposeAsync() => Provider.DisposeAsync();
}

/// <summary>The service on its own database with a mail server beside it. Its time stands still until it is moved.</summary>
internal sealed class PostOffice : IAsyncDisposable
{
    private readonly TestAuthority _authority;
    private readonly List<TestService<Program>> _services = [];

    private PostOffice(TestAuthority authority, TestDatabase database)
    {
        _authority = authority;
        Database = database;
    }

    public MailServer Server { get; } = new();

    public CustomerService Customer { get; } = new();

    public TestDatabase Database { get; }

    public FakeTimeProvider Time { get; } = new(DateTimeOffset.UtcNow);

    public TestService<Program> Service => _services[0];

    public static async Task<PostOffice> OpenAsync(Authority authority, bool serve = true, Dictionary<string, string>? settings = null, int replicas = 1)
    {
        var office = new PostOffice(authority.Provider, await TestDatabase.CreateAsync());
        await office.Customer.StartAsync();
        if (serve)
        {
            office.Server.Start();
        }
        for (int i = 0; i < replicas; i++)
        {
            await office.AddReplicaAsync(settings);
        }
        return office;
    }

    public async Task<Acknowledgements> DeliverAsync(params IEnumerable<Event> events) =>
        await new EventSink.EventSinkClient(Service.Grpc()).DeliverAsync(new EventBatch { Events = { events } }, deadline: DateTime.UtcNow.AddSeconds(10));

    /// <summary>Until all is stored, and what follows from it too.</summary>
    public async Task DeliverAllAsync(params IEnumerable<Event> events)
    {
        await StoreAllAsync(events);
        await UntilAsync(async () => await FoldedAsync() == 0);
    }

    /// <summary>Until all is stored; what follows comes when it comes.</summary>
    public async Task StoreAllAsync(params IEnumerable<Event> events) =>
        (await DeliverAsync(events)).Errors.ShouldAllBe(error => error.Length == 0);

    /// <summary>Events of which nothing has followed yet.</summary>
    public Task<long> FoldedAsync() => ReadAsync<long>("SELECT count(*) FROM received WHERE payload IS NOT NULL");

    /// <summary>One value from the database.</summary>
    public Task<T?> ReadAsync<T>(string sql) => Database.Db.QueryFirstAsync(sql, row => row.Nullable<T>(0), CancellationToken.None);

    public async Task<long> CountAsync(string where) => await ReadAsync<long>($"SELECT count(*) FROM mail WHERE {where}");

    /// <summary>Waits in real time, at most <see cref="Until.Patience"/> or <paramref name="limit"/>, while the service's own time runs on in steps of <paramref name="step"/>.</summary>
    public async Task UntilAsync(Func<Task<bool>> condition, TimeSpan step = default, TimeSpan? limit = null)
    {
        for (int i = 0; i < (limit ?? Until.Patience) / TimeSpan.FromMilliseconds(25); i++)
        {
            if (await condition())
            {
                return;
            }
            Time.Advance(step);
            await Task.Delay(25);
        }
        throw new TimeoutException($"not within {limit ?? Until.Patience}");
    }

    public Task UntilSentAsync(int mails, TimeSpan step = default, TimeSpan? limit = null) =>
        UntilAsync(async () => await CountAsync("state = 'sent'") >= mails, step, limit);

    /// <summary>Ends the service, whatever it was about.</summary>
    public async Task EndAsync()
    {
        await Service.DisposeAsync();
        _services.RemoveAt(0);
        NpgsqlConnection.ClearAllPools(); // as the end of a process does
    }

    public async Task AddReplicaAsync(Dictionary<string, string>? settings = null)
    {
        var all = new Dictionary<string, string>(settings ?? []);
        all.TryAdd("Mail:Smtp", $"smtp://127.0.0.1:{Server.Port}");
        all.TryAdd("Mail:TimeZone", "Europe/Moscow");
        all.TryAdd("Services:customer", Customer.Address);
        var service = new TestService<Program>(
            _authority, Database.Url, all, services => services.Replace(ServiceDescriptor.Singleton<TimeProvider>(Time)));
        _services.Add(service);
        await service.StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        foreach (TestService<Program> service in _services)
        {
            await service.DisposeAsync();
        }
        await Server.DisposeAsync();
        await Customer.DisposeAsync();
        await Database.DisposeAsync();
    }
}
