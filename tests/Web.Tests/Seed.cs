using System.Net.Http.Headers;
using System.Text.Json;

namespace BookSaga.Web.Tests;

/// <summary>People and offers made through the public API, as anybody would.</summary>
public sealed class Seed(string url)
{
    public const string Password = "correct horse battery";
    private static int s_next;
    private readonly HttpClient _http = new() { BaseAddress = new Uri(url), Timeout = TimeSpan.FromSeconds(60) };

    public async Task<Person> PersonAsync(string firstName, string lastName, decimal balance = 0)
    {
        string email = $"{firstName.ToLowerInvariant()}.{Guid.NewGuid():N}@example.com";
        JsonElement tokens = await _http.PostAsync("/api/v1/customer/register", new { email, password = Password, first_name = firstName, last_name = lastName }).JsonAsync(200);
        var person = new Person(email, tokens.GetProperty("access_token").GetString()!, firstName);
        if (balance > 0)
        {
            await SendAsync(person, "/customer/payment/create-account", null, 201);
            await SendAsync(person, "/customer/payment/top-up", new { amount = balance }, 200);
        }
        return person;
    }

    /// <summary>Somebody who is registered already.</summary>
    public async Task<Person> KnownAsync(string email, string password) =>
        new(email, (await _http.PostAsync("/api/v1/customer/login", new { email, password }).JsonAsync(200)).GetProperty("access_token").GetString()!, email, password);

    public async Task<long> CompanyAsync(Person owner, string name, string address, double lat, double lng, int refundableHours = 24, string description = "")
    {
        object company = new { name, address, phone = "+7 495 000-00-00", description, email = "hello@example.com", refundable_hours = refundableHours };
        long id = (await SendAsync(owner, "/company", company, 201)).GetProperty("id").GetInt64();
        await SendAsync(owner, $"/company/{id}/location", new { lat, lng }, 200);
        return id;
    }

    /// <summary>An offer in so many days at this hour of UTC, at a minute of its own.</summary>
    public async Task<long> OfferAsync(Person owner, long company, int service, decimal price, int days, int hour, string description = "", int? minute = null)
    {
        var at = new DateTimeOffset(DateTime.UtcNow.Date.AddDays(days).AddHours(hour), TimeSpan.Zero);
        at = at.AddMinutes(minute ?? Interlocked.Increment(ref s_next) % 60);
        return (await SendAsync(owner, $"/company/{company}/offers", new { service_id = service, price, datetime = at, description }, 201)).GetProperty("id").GetInt64();
    }

    /// <summary>Books, and gives the booking's id.</summary>
    public async Task<Guid> BookAsync(Person client, long offer) => (await SendAsync(client, $"/customer/offer/{offer}/book", null, 200)).GetProperty("id").GetGuid();

    public Task<JsonElement> SendAsync(Person person, string path, object? body, int status) => SendAsync(person, HttpMethod.Post, path, body, status);

    public async Task<JsonElement> SendAsync(Person person, HttpMethod method, string path, object? body, int status)
    {
        using var request = new HttpRequestMessage(method, "/api/v1" + path);
        request.Headers.Authorization = await BearerAsync(person);
        request.Content = body is null ? null : System.Net.Http.Json.JsonContent.Create(body, body.GetType(), options: Contracts.Json.Options);
        return await _http.SendAsync(request).JsonAsync(status);
    }

    /// <summary>A POST whose answer is waited for, whatever it is.</summary>
    public async Task TryAsync(Person person, string path)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1" + path);
        request.Headers.Authorization = await BearerAsync(person);
        using HttpResponseMessage _ = await _http.SendAsync(request);
    }

    public async Task<JsonElement> GetAsync(Person person, string path)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/v1" + path);
        request.Headers.Authorization = await BearerAsync(person);
        return await _http.SendAsync(request).JsonAsync(200);
    }

    // A token lasts five minutes, and all tests together longer.
    private async Task<AuthenticationHeaderValue> BearerAsync(Person person)
    {
        if (person.TokenAge > TimeSpan.FromMinutes(4))
        {
            person.Token = (await KnownAsync(person.Email, person.Password)).Token;
        }
        return new AuthenticationHeaderValue("Bearer", person.Token);
    }
}

/// <summary>Somebody registered.</summary>
public sealed record Person(string Email, string Token, string FirstName, string Password = Seed.Password)
{
    private long _since = TimeProvider.System.GetTimestamp();

    public string Token
    {
        get;
        set => (field, _since) = (value, TimeProvider.System.GetTimestamp());
    } = Token;

    public TimeSpan TokenAge => TimeProvider.System.GetElapsedTime(_since);
}
