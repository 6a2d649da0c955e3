using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using BookSaga.Company.Tests.Support;
using BookSaga.Contracts;
using BookSaga.Hosting.Data;

[assembly: AssemblyFixture(typeof(AuthorityFixture))]

namespace BookSaga.Company.Tests.Support;

/// <summary>The identity provider of all tests.</summary>
public sealed class AuthorityFixture : IAsyncLifetime
{
    public TestAuthority Authority { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Authority = await TestAuthority.StartAsync();

    public ValueTask DisposeAsync() => Authority.DisposeAsync();
}

/// <summary>One company service with its own database and neighbours, for one test class.</summary>
public sealed class CompanyFixture(AuthorityFixture authority) : IAsyncLifetime
{
    /// <summary>A body that POST /company takes.</summary>
    public static readonly object Valid = new { name = "Салон «Ёлка»", address = "ул. Ленина, 1", phone = "+7 (900) 000-00-00", description = "d", email = "shop@example.com" };

    public TestDatabase Database { get; private set; } = null!;

    public TestNeighbours Neighbours { get; private set; } = null!;

    public TestService<Program> Service { get; private set; } = null!;

    public TestAuthority Authority => authority.Authority;

    public async ValueTask InitializeAsync()
    {
        Database = await TestDatabase.CreateAsync();
        Neighbours = await TestNeighbours.StartAsync();
        Service = await ReplicaAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await Service.DisposeAsync();
        await Neighbours.DisposeAsync();
        await Database.DisposeAsync();
        Neighbours.Unplanned.ShouldBeEmpty();
    }

    /// <summary>One more process' worth of the service on the same database and neighbours.</summary>
    public Task<TestService<Program>> ReplicaAsync() => new TestService<Program>(
        Authority,
        Database.Url,
        new()
        {
            ["Services:booking"] = Neighbours.Address,
            ["Services:payment"] = Neighbours.Address,
            ["Services:customer"] = Neighbours.Address,
            ["Services:notification"] = Neighbours.Address,
        }).StartAsync();

    /// <summary>Sends a request as <paramref name="user"/> (null: without a token); a string body goes out as it is, an object as JSON.</summary>
    public async Task<HttpResponseMessage> SendAsync(TestUser? user, string method, string path, object? body = null, string? key = null, string? language = null)
    {
        using HttpClient client = Service.Http(user);
        using var request = new HttpRequestMessage(new HttpMethod(method), "/api/v1" + path);
        if (body is not null)
        {
            request.Content = new StringContent(body as string ?? JsonSerializer.Serialize(body, body.GetType(), Json.Options), Encoding.UTF8, "application/json");
        }
        if (key is not null)
        {
            request.Headers.Add("Idempotency-Key", key);
        }
        if (language is not null)
        {
            request.Headers.AcceptLanguage.Add(new StringWithQualityHeaderValue(language));
        }
        return await client.SendAsync(request);
    }

    public Task<HttpResponseMessage> GetAsync(TestUser? user, string path) => SendAsync(user, "GET", path);

    public Task<HttpResponseMessage> PostAsync(TestUser? user, string path, object? body = null) => SendAsync(user, "POST", path, body);

    /// <summary>A new company of <paramref name="admin"/>.</summary>
    public async Task<long> FoundAsync(TestUser admin) => (await PostAsync(admin, "/company", Valid).JsonAsync(201)).GetProperty("id").GetInt64();

    /// <summary>Somebody who is in the company as <paramref name="role"/> from now on.</summary>
    public async Task<TestUser> JoinAsync(long company, TestUser admin, string role)
    {
        var user = TestUser.New("Иван", "Смит-Джонс");
        await PostAsync(admin, $"/company/{company}/managers", new { email = user.Email, role }).JsonAsync(201);
        await GetAsync(user, "/company/my").JsonAsync(200);
        return user;
    }

    /// <summary>The manager id of <paramref name="user"/>.</summary>
    public Task<long> ManagerIdAsync(long company, TestUser user) =>
        ScalarAsync<long>("SELECT id FROM manager WHERE company_id = $1 AND email = $2", company, user.Email);

    public Task<long> VersionAsync(long company) => ScalarAsync<long>("SELECT version FROM company WHERE id = $1", company);

    /// <summary>The first column of the first row, read past the service.</summary>
    public async Task<T> ScalarAsync<T>(string sql, params object?[] args) =>
        (await Database.Db.QueryFirstAsync(sql, row => row.GetFieldValue<T>(0), CancellationToken.None, args))!;

    public Task ExecuteAsync(string sql, params object?[] args) => Database.Db.ExecuteAsync(sql, CancellationToken.None, args);
}
