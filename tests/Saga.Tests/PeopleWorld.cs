using System.Net.Http.Json;
using BookSaga.Hosting.Data;
using BookSaga.Notification.Sending;

namespace BookSaga.Saga.Tests;

/// <summary>All five services, for what concerns a person in all of them.</summary>
[CollectionDefinition(Name)]
public sealed class PeopleWorld : SagaWorld, ICollectionFixture<PeopleWorld>
{
    public const string Name = "people";

    private readonly string _mails = Directory.CreateTempSubdirectory("booksaga-mail-").FullName;
    private readonly int _companyPort = FreePort.Next();
    private readonly int _notificationPort = FreePort.Next();
    private TestService<MailQueue> _notification = null!;
    private TestService<BookSaga.Company.Neighbours> _company = null!;

    public TestDatabase CompanyDb { get; private set; } = null!;

    public TestDatabase NotificationDb { get; private set; } = null!;

    public TestAuthority Identity => Authority;

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        CompanyDb = await TestDatabase.CreateAsync();
        NotificationDb = await TestDatabase.CreateAsync();
        _notification = await new TestService<MailQueue>(Authority, NotificationDb.Url, new()
        {
            ["Mail:Directory"] = _mails,
            ["Services:customer"] = $"http://127.0.0.1:{CustomerGrpcPort}",
        }, WithFaults, grpcPort: _notificationPort).StartAsync();
        _company = await new TestService<BookSaga.Company.Neighbours>(Authority, CompanyDb.Url, new()
        {
            ["Services:booking"] = Booking.GrpcAddress,
            ["Services:payment"] = Payment.GrpcAddress,
            ["Services:customer"] = $"http://127.0.0.1:{CustomerGrpcPort}",
            ["Services:notification"] = $"http://127.0.0.1:{_notificationPort}",
        }, WithFaults, grpcPort: _companyPort).StartAsync();
    }

    public override async ValueTask DisposeAsync()
    {
        await _company.DisposeAsync();
        await _notification.DisposeAsync();
        await CompanyDb.DisposeAsync();
        await NotificationDb.DisposeAsync();
        await base.DisposeAsync();
        Directory.Delete(_mails, recursive: true);
    }

    /// <summary>Ends the customer service, as a crash does, and starts another on its database.</summary>
    public async Task RestartCustomerAsync()
    {
        await Customer!.DisposeAsync();
        await StartCustomerAsync();
    }

    public HttpClient CompanyHttp(TestUser user) => _company.Http(user);

    public HttpClient PaymentHttp(TestUser user) => Payment.Http(user);

    /// <summary>A new company of <paramref name="admin"/>.</summary>
    public async Task<long> FoundAsync(TestUser admin)
    {
        using HttpClient http = CompanyHttp(admin);
        return (await http.PostAsync("/api/v1/company", new { name = "Shop", address = "a", phone = "p" }).JsonAsync(201)).GetProperty("id").GetInt64();
    }

    /// <summary>An offer of a company of <paramref name="manager"/>.</summary>
    public async Task<long> PostOfferAsync(TestUser manager, long company, int inHours = 48)
    {
        using HttpClient http = CompanyHttp(manager);
        return (await http.PostAsync($"/api/v1/company/{company}/offers", new { service_id = 7, price = 5m, datetime = DateTimeOffset.UtcNow.AddHours(inHours) }).JsonAsync(201)).GetProperty("id").GetInt64();
    }

    /// <summary>Makes somebody admin, or <paramref name="role"/>, of a company of <paramref name="admin"/>.</summary>
    public async Task InviteAsync(TestUser admin, long company, TestUser invited, string role = "admin")
    {
        using HttpClient http = CompanyHttp(admin);
        await http.PostAsync($"/api/v1/company/{company}/managers", new { email = invited.Email, role }).JsonAsync(201);
        using HttpClient theirs = CompanyHttp(invited);
        await theirs.GetAsync("/api/v1/company/my").JsonAsync(200);
    }

    /// <summary>Asks for the deletion of one's own account.</summary>
    public async Task<HttpResponseMessage> DeleteAsync(TestUser person, bool giveUp = false)
    {
        using HttpClient http = CustomerHttp(person);
        return await DeleteAsync(http, new { confirm = person.Email, give_up_balance = giveUp });
    }

    /// <summary>The same with any body.</summary>
    public static async Task<HttpResponseMessage> DeleteAsync(HttpClient http, object? body)
    {
        using var request = new HttpRequestMessage(HttpMethod.Delete, "/api/v1/customer/account") { Content = JsonContent.Create(body) };
        return await http.SendAsync(request);
    }

    /// <summary>Moves an appointment into the past, in both services that know its time.</summary>
    public async Task PassAsync(long offer)
    {
        await BookingDb.Db.ExecuteAsync("UPDATE offer SET datetime = now() - interval '2 hours' WHERE id = $1", default, offer);
        await CustomerDb.Db.ExecuteAsync(
            "UPDATE booking SET snapshot = jsonb_set(snapshot::jsonb, '{offer,datetime}', to_jsonb(now() - interval '2 hours'))::json WHERE offer_id = $1 AND snapshot IS NOT NULL", default, offer);
    }

    /// <summary>Somebody with a profile, money, a booking that is over, mails, a company of their own and a job in another's.</summary>
    public async Task<(TestUser Person, long Alone, long Shared)> LivedAsync()
    {
        TestUser fresh = await ClientAsync(20);
        TestUser person = fresh with { LastName = "Q" + Guid.NewGuid().ToString("N") };
        using HttpClient http = CustomerHttp(person);
        await http.GetAsync("/api/v1/customer/profile").JsonAsync(200);
        await http.PostAsync("/api/v1/customer/phone/verify", new { phone = "+49 30 1234567" });
        TestUser boss = TestUser.New();
        long shared = await FoundAsync(boss);
        await InviteAsync(boss, shared, person, "manager");
        long offer = await PostOfferAsync(boss, shared);
        await BookAsync(person, offer).JsonAsync(200);
        await SettleAsync();
        await PassAsync(offer);
        long alone = await FoundAsync(person);
        return (person, alone, shared);
    }

    /// <summary>Waits until no event between the services is under way.</summary>
    public Task SettleAsync() => Until.TrueAsync(async () =>
        await One(CustomerDb, "SELECT count(*) FROM outbox") + await One(BookingDb, "SELECT count(*) FROM outbox") + await One(PaymentDb, "SELECT count(*) FROM outbox")
            + await One(CompanyDb, "SELECT count(*) FROM outbox") + await One(NotificationDb, "SELECT count(*) FROM received WHERE payload IS NOT NULL") == 0);

    /// <summary>Tables, of any service, with a row that has <paramref name="text"/>.</summary>
    public async Task<string[]> WhereAsync(string text)
    {
        List<string> found = [];
        foreach ((string name, TestDatabase database) in new[] { ("company", CompanyDb), ("booking", BookingDb), ("payment", PaymentDb), ("customer", CustomerDb), ("notification", NotificationDb) })
        {
            foreach (string table in await database.Db.QueryAsync("SELECT tablename::text FROM pg_tables WHERE schemaname = 'public'", row => row.GetString(0), default))
            {
                if (await One(database, $"SELECT count(*) FROM \"{table}\" t WHERE strpos(t::text, $1) > 0", text) > 0)
                {
                    found.Add($"{name}.{table}");
                }
            }
        }
        return [.. found];
    }

    protected override Dictionary<string, string> CustomerSettings() => new(base.CustomerSettings())
    {
        ["Services:company"] = $"http://127.0.0.1:{_companyPort}",
        ["Services:notification"] = $"http://127.0.0.1:{_notificationPort}",
        ["Deletion:WaitLimit"] = "00:00:03",
        ["Deletion:Lease"] = "00:00:04",
        ["Deletion:SweepInterval"] = "00:00:00.2",
    };

    // An event on its way is for a moment in both.
    protected override async Task<long> ToldAsync()
    {
        await Until.TrueAsync(async () => await base.ToldAsync() == 0);
        return await One(NotificationDb, "SELECT count(*) FROM received");
    }
}
