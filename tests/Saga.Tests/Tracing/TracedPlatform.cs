using BookSaga.Contracts;
using BookSaga.Contracts.Booking;
using BookSaga.Hosting.Data;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core.Interceptors;
using Grpc.Net.Client;

namespace BookSaga.Saga.Tests.Tracing;

/// <summary>Customer, booking, payment and notification as processes of their own that send their traces to <see cref="Traces"/>.</summary>
public sealed class TracedPlatform : IAsyncLifetime
{
    private static readonly string[] Names = ["booking", "payment", "notification", "customer"];
    private readonly Dictionary<string, (int Http, int Grpc, TestDatabase Database)> _services = [];
    private readonly Dictionary<string, ServiceProcess> _processes = [];
    private TestAuthority _authority = null!;

    public TraceReceiver Traces { get; } = new();

    public string Mails { get; } = Path.Combine(Path.GetTempPath(), "traced-" + Guid.NewGuid().ToString("N"));

    public async ValueTask InitializeAsync()
    {
        _authority = await TestAuthority.StartAsync();
        await Traces.StartAsync();
        foreach (string name in Names)
        {
            _services[name] = (FreePort.Next(), FreePort.Next(), await TestDatabase.CreateAsync());
        }
        await Task.WhenAll(Names.Select(StartAsync));
        // The first call of a process is slow; sent twice it would be two spans.
        using HttpClient http = Http("customer", await ClientAsync(1m));
        await http.PostAsync($"/api/v1/customer/offer/{await OfferAsync(1m)}/book", null);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (string name in _processes.Keys.ToArray())
        {
            Kill(name);
        }
        foreach ((_, _, TestDatabase database) in _services.Values)
        {
            await database.DisposeAsync();
        }
        await Traces.DisposeAsync();
        await _authority.DisposeAsync();
        if (Directory.Exists(Mails))
        {
            Directory.Delete(Mails, recursive: true);
        }
    }

    public TestDatabase Database(string service) => _services[service].Database;

    public HttpClient Http(string service, TestUser? user = null) => new()
    {
        BaseAddress = new Uri($"http://127.0.0.1:{_services[service].Http}"),
        DefaultRequestHeaders = { Authorization = user is null ? null : _authority.Header(user) },
    };

    public async Task<long> OfferAsync(decimal price)
    {
        var company = new CompanyChanged(1, 1, "Shop", "Main st. 1", "+7 999 000", "shop@example.com", [55.7, 37.6], true, 24, ["boss@example.com"]);
        using var channel = GrpcChannel.ForAddress($"http://127.0.0.1:{_services["booking"].Grpc}");
        AddOfferReply reply = await new Offers.OffersClient(channel.Intercept(metadata =>
        {
            metadata.Add("Authorization", "Bearer " + _authority.ServiceToken());
            return metadata;
        })).AddAsync(new AddOffer
        {
            CompanyId = 1,
            ServiceId = 7,
            PriceMinor = (long)(price * 100),
            Datetime = Timestamp.FromDateTimeOffset(DateTimeOffset.UtcNow.AddHours(48)),
            CreatedBy = Guid.NewGuid().ToString(),
            OperationId = Guid.NewGuid().ToString(),
            CompanyJson = Json.Write(company),
        });
        return reply.Id;
    }

    public async Task<TestUser> ClientAsync(decimal balance)
    {
        var user = TestUser.New();
        using HttpClient http = Http("payment", user);
        await http.PostAsync("/api/v1/customer/payment/create-account", null).JsonAsync(201);
        await http.PostAsync("/api/v1/customer/payment/top-up", new { amount = balance }).JsonAsync(200);
        return user;
    }

    /// <summary>The id of the customer's only booking.</summary>
    public Task<Guid> BookingAsync(TestUser user) =>
        Database("customer").Db.QueryFirstAsync("SELECT id FROM booking WHERE customer_id = $1", row => row.GetGuid(0), default, user.Id);

    public async Task StartAsync(string name) => _processes[name] = await ServiceProcess.StartAsync(name, Settings(name));

    public void Kill(string name)
    {
        _processes[name].Dispose();
        _processes.Remove(name);
    }

    private Dictionary<string, string> Settings(string name) => new()
    {
        ["Listen:HttpPort"] = $"{_services[name].Http}",
        ["Listen:GrpcPort"] = $"{_services[name].Grpc}",
        ["Database:Url"] = _services[name].Database.Url,
        ["Auth:Issuer"] = TestAuthority.Issuer,
        ["Auth:Authority"] = _authority.Authority,
        ["Auth:ClientId"] = "test",
        ["Auth:ClientSecret"] = "test",
        ["Services:booking"] = $"http://127.0.0.1:{_services["booking"].Grpc}",
        ["Services:payment"] = $"http://127.0.0.1:{_services["payment"].Grpc}",
        ["Services:customer"] = $"http://127.0.0.1:{_services["customer"].Grpc}",
        ["Services:company"] = "http://127.0.0.1:9",
        ["Services:notification"] = $"http://127.0.0.1:{_services["notification"].Grpc}",
        ["Mail:Directory"] = Mails,
        // Several short calls fit into a lease, and nothing is given up for a slow machine.
        ["Saga:Lease"] = "00:00:05",
        ["Saga:CallTimeout"] = "00:00:02",
        ["Saga:SweepInterval"] = "00:00:00.1",
        ["Saga:Deadline"] = "00:02:00",
        ["OTEL_EXPORTER_OTLP_ENDPOINT"] = Traces.Address,
        ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf",
        ["OTEL_BSP_SCHEDULE_DELAY"] = "100",
    };
}
