using System.Text.Json;
using BookSaga.Hosting;
using BookSaga.Hosting.Accounts;
using BookSaga.Hosting.Auth;
using BookSaga.Identity.Users;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

[assembly: AssemblyFixture(typeof(BookSaga.Identity.Tests.IdentityFixture))]

namespace BookSaga.Identity.Tests;

/// <summary>The identity provider on its own database, and a service that has the account routes and trusts its tokens.</summary>
public sealed class IdentityFixture : IAsyncLifetime
{
    public const string Issuer = "http://localhost:8080/realms/booksaga";
    public const string Realm = "/realms/booksaga";
    public const string Protocol = Realm + "/protocol/openid-connect";
    public const string Users = "/admin/realms/booksaga/users";
    public const string Password = "correct horse";

    private TestService<User> _identity = null!;
    private WebApplication _shop = null!;

    internal TestDatabase Database { get; private set; } = null!;

    internal FakeTimeProvider Time { get; } = new(DateTimeOffset.UtcNow);

    /// <summary>Straight to the provider.</summary>
    internal HttpClient Identity { get; private set; } = null!;

    /// <summary>A service with the account routes.</summary>
    internal HttpClient Shop { get; private set; } = null!;

    internal UserDirectory Directory => _shop.Services.GetRequiredService<UserDirectory>();

    public async ValueTask InitializeAsync()
    {
        Database = await TestDatabase.CreateAsync();
        _identity = await Start(Database, Time).StartAsync();
        Identity = _identity.Http(null);
        (_shop, Shop) = await StartShopAsync(_identity.HttpPort);
    }

    public async ValueTask DisposeAsync()
    {
        await _shop.DisposeAsync();
        await _identity.DisposeAsync();
        await Database.DisposeAsync();
    }

    internal static TestService<User> Start(TestDatabase database, TimeProvider? time = null, Dictionary<string, string>? settings = null)
    {
        var all = new Dictionary<string, string> { ["Auth:Issuer"] = Issuer };
        foreach (string client in new[] { "API", "WEB", "COMPANY", "CUSTOMER", "BOOKING", "PAYMENT", "NOTIFICATION" })
        {
            all[client + "_CLIENT_SECRET"] = "secret of " + client;
        }
        foreach ((string key, string value) in settings ?? [])
        {
            all[key] = value;
        }
        // The authority belongs to other services; this one asks nobody.
        return new TestService<User>(new TestAuthority(), database.Url, all, services => services.AddSingleton(time ?? TimeProvider.System));
    }

    internal static async Task<(WebApplication App, HttpClient Client)> StartShopAsync(int identityPort)
    {
        int port = FreePort.Next();
        WebApplicationBuilder builder = ServiceHost.CreateBuilder(
        [
            $"--Listen:HttpPort={port}",
            $"--Auth:Issuer={Issuer}",
            $"--Auth:Authority=http://127.0.0.1:{identityPort}{Realm}",
            "--Auth:ClientId=customer",
            "--Auth:ClientSecret=secret of CUSTOMER",
            "--Auth:LoginClientSecret=secret of API",
        ], "shop");
        builder.AddAccounts();
        WebApplication app = builder.Build();
        app.UseServiceDefaults();
        app.MapGroup("/api/v1").MapAccounts("customer");
        app.MapGroup("/api/v1").MapAccounts("company");
        app.MapGet("/me", (Caller caller) => caller);
        app.MapGet("/internal", () => TypedResults.NoContent()).RequireAuthorization(TokenCheck.InternalPolicy);
        await app.StartAsync();
        return (app, new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}") });
    }

    internal static string NewEmail() => $"{Guid.NewGuid():N}@example.com";

    /// <summary>A new person with <see cref="Password"/>: the token object of the registration.</summary>
    internal Task<JsonElement> RegisterAsync(string email, string firstName = "Анна", string lastName = "О'Нил-Смит, мл.") =>
        Shop.PostAsync("/api/v1/customer/register", new { email, password = Password, first_name = firstName, last_name = lastName }).JsonAsync(200);

    internal Task<HttpResponseMessage> TokenAsync(string client, params (string Name, string Value)[] fields) =>
        Identity.PostAsync(Protocol + "/token", Form(client, fields));

    internal async Task<string> ServiceTokenAsync(string client) =>
        (await TokenAsync(client, ("grant_type", "client_credentials")).JsonAsync(200)).Text("access_token");

    internal static FormUrlEncodedContent Form(string client, params (string Name, string Value)[] fields) => new(
    [
        new("client_id", client),
        new("client_secret", "secret of " + client.Replace("booksaga-", "", StringComparison.Ordinal).ToUpperInvariant()),
        .. fields.Select(f => KeyValuePair.Create(f.Name, f.Value)),
    ]);

    internal static Task<HttpResponseMessage> SendAsync(HttpClient client, HttpMethod method, string path, string? token, object? body = null)
    {
        var request = new HttpRequestMessage(method, path) { Content = body is null ? null : System.Net.Http.Json.JsonContent.Create(body) };
        if (token is not null)
        {
            request.Headers.Authorization = new("Bearer", token);
        }
        return client.SendAsync(request);
    }
}

internal static class TokenReading
{
    public static string Text(this JsonElement json, string name) => json.GetProperty(name).GetString()!;

    /// <summary>The payload of a JWT.</summary>
    public static JsonElement Payload(string jwt) =>
        JsonDocument.Parse(Microsoft.IdentityModel.Tokens.Base64UrlEncoder.DecodeBytes(jwt.Split('.')[1])).RootElement;
}
