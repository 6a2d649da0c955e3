using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using Microsoft.IdentityModel.Tokens;

namespace BookSaga.Gateway.Tests;

public sealed class AdmissionTests(GatewayFixture fixture) : IClassFixture<GatewayFixture>
{
    private const string Profile = "/api/v1/customer/profile";

    public static TheoryData<string> BadTokens() =>
        ["nonsense", "expired", "id token", "refresh token", "no algorithm", "shared secret", "other key", "other issuer", "other audience", "no user", "no type"];

    [Theory, MemberData(nameof(BadTokens))]
    public async Task A_token_that_is_not_our_access_token_opens_nothing(string kind)
    {
        using HttpClient client = fixture.Gateway.Http(null);
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Token(kind));
        int before = fixture.Backends[Backend.Customer].Arrived.Count;

        using HttpResponseMessage answer = await client.GetAsync(Profile);

        await Task.FromResult(answer).ProblemAsync(401, "invalid claims");
        fixture.Backends[Backend.Customer].Arrived.Count.ShouldBe(before);
    }

    [Fact]
    public async Task A_bad_token_does_not_close_an_open_route()
    {
        using HttpClient client = fixture.Gateway.Http(null);
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Token("expired"));

        (await client.GetAsync("/api/v1/booking/services")).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Signing_keys_that_cannot_be_fetched_are_503_and_not_401()
    {
        TestService<Program> gateway = await fixture.StartAsync(new() { ["Auth:Authority"] = "http://127.0.0.1:1/realms/booksaga" });
        using HttpClient client = gateway.Http(fixture.User);

        using HttpResponseMessage answer = await client.GetAsync(Profile);

        answer.Headers.RetryAfter.ShouldNotBeNull();
        await Task.FromResult(answer).ProblemAsync(503, "temporarily unavailable");
    }

    [Fact]
    public async Task Login_register_token_and_the_login_page_share_one_limit_a_client_and_nothing_else_is_limited()
    {
        const string page = "/realms/booksaga/login-actions/authenticate";
        TestService<Program> gateway = await fixture.StartAsync(new() { ["RateLimit:LoginPerMinute"] = "4" });
        using HttpClient client = gateway.Http(null);
        foreach (string path in new[] { "/api/v1/customer/login", "/api/v1/company/register", "/api/v1/customer/token", page })
        {
            (await client.PostAsync(path, new { })).StatusCode.ShouldBe(HttpStatusCode.OK);
        }

        using HttpResponseMessage refused = await client.PostAsync("/api/v1/company/login", new { });

        refused.Headers.RetryAfter!.Delta!.Value.ShouldBeInRange(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(20));
        await Task.FromResult(refused).ProblemAsync(429, "too many requests");
        await client.PostAsync(page, new { }).ProblemAsync(429, "too many requests");
        (await client.PostAsync("/realms/booksaga/protocol/openid-connect/logout", new { })).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await client.PostAsync("/api/v1/customer/logout", new { })).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await client.GetAsync("/api/v1/offers")).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Theory]
    [InlineData("", HttpStatusCode.TooManyRequests)]
    [InlineData("10.0.0.0/8", HttpStatusCode.TooManyRequests)]
    [InlineData("127.0.0.0/8", HttpStatusCode.OK)]
    public async Task A_clients_address_is_taken_from_the_header_only_behind_a_trusted_proxy(string trusted, HttpStatusCode expected)
    {
        TestService<Program> gateway = await fixture.StartAsync(new() { ["RateLimit:LoginPerMinute"] = "1", ["TrustedProxies"] = trusted });
        HttpStatusCode last = default;
        foreach (string address in new[] { "203.0.113.1", "203.0.113.2" })
        {
            using HttpClient client = gateway.Http(null);
            client.DefaultRequestHeaders.Add("X-Forwarded-For", address);
            last = (await client.PostAsync("/api/v1/customer/login", new { })).StatusCode;
        }

        last.ShouldBe(expected);
    }

    [Fact]
    public async Task More_requests_at_once_than_there_is_room_for_are_503_and_health_still_answers()
    {
        TestService<Program> gateway = await fixture.StartAsync(new() { ["RateLimit:Concurrency"] = "1" });
        TestBackend booking = fixture.Backends[Backend.Booking];
        var arrived = new TaskCompletionSource();
        var leave = new TaskCompletionSource();
        booking.Behave = async context =>
        {
            arrived.SetResult();
            await leave.Task;
            await booking.EchoAsync(context);
        };
        using HttpClient client = gateway.Http(null);
        Task<HttpResponseMessage> first = client.GetAsync("/api/v1/offers");
        await arrived.Task.InTimeAsync();

        using HttpResponseMessage second = await client.GetAsync("/api/v1/booking/services");
        using HttpResponseMessage health = await client.GetAsync("/healthz");
        leave.SetResult();
        booking.Behave = booking.EchoAsync;

        second.Headers.RetryAfter.ShouldNotBeNull();
        await Task.FromResult(second).ProblemAsync(503, "temporarily unavailable");
        health.StatusCode.ShouldBe(HttpStatusCode.OK);
        (await first).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    private string Token(string kind)
    {
        TestAuthority authority = fixture.Authority;
        TestUser user = fixture.User;
        return kind switch
        {
            "expired" => authority.UserToken(user, expires: DateTime.UtcNow.AddSeconds(-30)),
            "id token" => authority.UserToken(user, claims => claims["typ"] = "ID"),
            "refresh token" => authority.UserToken(user, claims => claims["typ"] = "Refresh"),
            "no algorithm" => authority.UserToken(user, algorithm: SecurityAlgorithms.None),
            "shared secret" => authority.UserToken(user, key: new SymmetricSecurityKey(Encoding.ASCII.GetBytes(new string('k', 64))) { KeyId = "test" }, algorithm: SecurityAlgorithms.HmacSha256),
            "other key" => authority.UserToken(user, key: new RsaSecurityKey(RSA.Create(2048)) { KeyId = "test" }),
            "other issuer" => authority.UserToken(user, claims => claims["iss"] = "http://evil.example/realms/booksaga"),
            "other audience" => authority.UserToken(user, claims => claims["aud"] = "account"),
            "no user" => authority.UserToken(user, claims => claims["sub"] = null),
            "no type" => authority.UserToken(user, claims => claims["typ"] = null),
            _ => "nonsense",
        };
    }
}
