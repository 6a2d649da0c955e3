using System.Text.Json;
using BookSaga.Contracts;
using BookSaga.Hosting.Data;
using Grpc.AspNetCore.Server;
using Microsoft.Extensions.DependencyInjection;

namespace BookSaga.Saga.Tests;

/// <summary>The company service before the real booking service, with faults between them.</summary>
public sealed class WeeklyWorld : IAsyncLifetime
{
    private readonly TestUser _boss = TestUser.New();
    private TestAuthority _authority = null!;
    private TestDatabase _companyDb = null!;
    private TestService<BookSaga.Company.Neighbours> _company = null!;

    public TestDatabase BookingDb { get; private set; } = null!;

    internal TestService<BookSaga.Booking.Reservations.ReservationSteps> Booking { get; private set; } = null!;

    public Faults Faults { get; } = new();

    public async ValueTask InitializeAsync()
    {
        _authority = await TestAuthority.StartAsync();
        _companyDb = await TestDatabase.CreateAsync();
        BookingDb = await TestDatabase.CreateAsync();
        Booking = await new TestService<BookSaga.Booking.Reservations.ReservationSteps>(
            _authority, BookingDb.Url, new() { ["Services:payment"] = "http://127.0.0.1:9", ["Services:customer"] = "http://127.0.0.1:9" },
            services =>
            {
                services.AddSingleton(Faults);
                services.Configure<GrpcServiceOptions>(grpc => grpc.Interceptors.Add<Faults>());
            }).StartAsync();
        await RestartCompanyAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _company.DisposeAsync();
        await Booking.DisposeAsync();
        await BookingDb.DisposeAsync();
        await _companyDb.DisposeAsync();
        await _authority.DisposeAsync();
    }

    /// <summary>Ends the company service, as a crash does, and starts another on its database.</summary>
    public async Task RestartCompanyAsync()
    {
        if (_company is { } old)
        {
            await old.DisposeAsync();
        }
        _company = await new TestService<BookSaga.Company.Neighbours>(_authority, _companyDb.Url, new()
        {
            ["Services:booking"] = Booking.GrpcAddress,
            ["Services:payment"] = "http://127.0.0.1:9",
            ["Services:customer"] = "http://127.0.0.1:9",
            ["Services:notification"] = "http://127.0.0.1:9",
            ["Weekly:Lease"] = "00:00:00.5",
            ["Weekly:SweepInterval"] = "00:00:00.1",
            ["Weekly:WaitLimit"] = "00:00:02",
        }).StartAsync();
    }

    public async Task<long> CompanyAsync() =>
        (await SendAsync(HttpMethod.Post, "/company", new { name = "Shop", address = "a", phone = "p" }).JsonAsync(201)).GetProperty("id").GetInt64();

    public Task<HttpResponseMessage> PostAsync(long company, object body, string? key = null, bool preview = false, TestUser? user = null) =>
        SendAsync(HttpMethod.Post, $"/company/{company}/offers/weekly{(preview ? "?preview=true" : "")}", body, key, user);

    public async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, object? body = null, string? key = null, TestUser? user = null)
    {
        using HttpClient http = _company.Http(user ?? _boss);
        using var request = new HttpRequestMessage(method, "/api/v1" + path);
        if (body is not null)
        {
            request.Content = new StringContent(JsonSerializer.Serialize(body, body.GetType(), Json.Options), System.Text.Encoding.UTF8, "application/json");
        }
        if (key is not null)
        {
            request.Headers.Add("Idempotency-Key", key);
        }
        return await http.SendAsync(request);
    }

    public async Task<JsonElement> DoneAsync(string location)
    {
        JsonElement view = default;
        await Until.TrueAsync(async () =>
        {
            view = await SendAsync(HttpMethod.Get, location["/api/v1".Length..]).JsonAsync(200);
            return view.GetProperty("status").GetString() == "done";
        });
        return view;
    }

    public Task<long> OffersAsync(long company) =>
        BookingDb.Db.QueryFirstAsync("SELECT count(*) FROM offer WHERE company_id = $1", row => row.GetInt64(0), default, company);
}
