using System.Security.Cryptography;
using BookSaga.Hosting.Auth;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.AspNetCore.Authorization.Policy;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace BookSaga.Hosting.Tests;

public sealed class VerifiedTokensTests : IDisposable
{
    private static readonly Guid Somebody = Guid.CreateVersion7();
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 1, 1, 12, 0, 0, TimeSpan.Zero));
    private readonly RSA _rsa = RSA.Create(2048);
    private readonly VerifiedTokens _tokens;
    private readonly ServiceProvider _services;
    private readonly RsaSecurityKey _key;
    private SecurityKey _trusted;
    private int _checks;

    public VerifiedTokensTests()
    {
        _tokens = new VerifiedTokens(_time, perGeneration: 4);
        _trusted = _key = new RsaSecurityKey(_rsa) { KeyId = "one" };
        var services = new ServiceCollection();
        services.AddLogging();
        services.AddSingleton(_tokens);
        services.AddScoped<IAuthenticationService, RememberingAuthentication>();
        services.AddAuthentication(JwtBearerDefaults.AuthenticationScheme).AddJwtBearer(jwt =>
        {
            jwt.MapInboundClaims = false;
            jwt.TokenValidationParameters = new TokenValidationParameters
            {
                IssuerSigningKeyResolver = (_, _, _, _) => [_trusted],
                ValidIssuer = "us",
                ValidAudience = "booksaga",
                LifetimeValidator = (_, expires, _, _) =>
                {
                    _checks++;
                    return expires > _time.GetUtcNow().UtcDateTime;
                },
            };
        });
        _services = services.BuildServiceProvider();
    }

    public void Dispose()
    {
        _services.Dispose();
        _rsa.Dispose();
    }

    [Fact]
    public async Task A_token_is_checked_once_a_minute_however_often_it_comes()
    {
        string token = Token(TimeSpan.FromMinutes(5));

        (await IsValidAsync(token)).ShouldBeTrue();
        (await IsValidAsync(token)).ShouldBeTrue();
        _checks.ShouldBe(1);
        _time.Advance(TimeSpan.FromSeconds(61));
        (await IsValidAsync(token)).ShouldBeTrue();
        _checks.ShouldBe(2);
    }

    [Fact]
    public async Task A_token_that_was_good_is_refused_the_moment_it_ends()
    {
        string token = Token(TimeSpan.FromSeconds(30));
        (await IsValidAsync(token)).ShouldBeTrue();

        _time.Advance(TimeSpan.FromSeconds(30));

        (await IsValidAsync(token)).ShouldBeFalse();
    }

    [Fact]
    public async Task A_key_that_is_withdrawn_opens_nothing_after_a_minute()
    {
        string token = Token(TimeSpan.FromMinutes(5));
        (await IsValidAsync(token)).ShouldBeTrue();

        using var other = RSA.Create(2048);
        _trusted = new RsaSecurityKey(other) { KeyId = "two" };
        _time.Advance(TimeSpan.FromSeconds(61));

        (await IsValidAsync(token)).ShouldBeFalse();
    }

    [Fact]
    public async Task A_good_token_vouches_for_no_other_and_a_refusal_is_not_remembered()
    {
        string token = Token(TimeSpan.FromMinutes(5));
        (await IsValidAsync(token)).ShouldBeTrue();
        string[] parts = token.Split('.');
        string stranger = Token(TimeSpan.FromMinutes(5), "somebody else");

        (await IsValidAsync($"{parts[0]}.{stranger.Split('.')[1]}.{parts[2]}")).ShouldBeFalse();
        (await IsValidAsync($"{parts[0]}.{parts[1]}.{stranger.Split('.')[2]}")).ShouldBeFalse();
        _tokens.Count.ShouldBe(1);
    }

    [Fact]
    public async Task Only_so_many_are_remembered()
    {
        for (int i = 0; i < 20; i++)
        {
            (await IsValidAsync(Token(TimeSpan.FromMinutes(5), i.ToString(System.Globalization.CultureInfo.InvariantCulture)))).ShouldBeTrue();
        }

        _tokens.Count.ShouldBeInRange(4, 8);
    }

    [Fact]
    public async Task Who_calls_is_the_same_from_memory_and_only_the_bearer_scheme_has_one()
    {
        string token = Token(TimeSpan.FromMinutes(5));
        Caller? first = Caller.From((await CheckAsync(token)).Principal!), again = Caller.From((await CheckAsync(token)).Principal!);

        first.ShouldBe(new Caller(Somebody, "clara@example.com", "Clara", ""));
        again.ShouldBeSameAs(first);
        await using AsyncServiceScope request = _services.CreateAsyncScope();
        IAuthenticationService authentication = request.ServiceProvider.GetRequiredService<IAuthenticationService>();
        await Should.ThrowAsync<InvalidOperationException>(() => authentication.AuthenticateAsync(Request(request, token), "another"));
    }

    [Fact]
    public async Task Every_process_asks_its_memory_first()
    {
        await using WebApplication app = ServiceHost.CreateBuilder([], "test").Build();
        await using AsyncServiceScope request = app.Services.CreateAsyncScope();

        request.ServiceProvider.GetRequiredService<IAuthenticationService>().ShouldBeOfType<RememberingAuthentication>();
        request.ServiceProvider.GetRequiredService<IPolicyEvaluator>().ShouldBeOfType<SignedInEvaluator>();
    }

    private async Task<bool> IsValidAsync(string token) => (await CheckAsync(token)).Succeeded;

    private async Task<AuthenticateResult> CheckAsync(string token)
    {
        await using AsyncServiceScope request = _services.CreateAsyncScope();
        return await request.ServiceProvider.GetRequiredService<IAuthenticationService>().AuthenticateAsync(Request(request, token), JwtBearerDefaults.AuthenticationScheme);
    }

    private static DefaultHttpContext Request(AsyncServiceScope request, string token) =>
        new() { RequestServices = request.ServiceProvider, Request = { Headers = { Authorization = "Bearer " + token } } };

    private string Token(TimeSpan life, string? subject = null) => new JsonWebTokenHandler { SetDefaultTimesOnTokenCreation = false }.CreateToken(new SecurityTokenDescriptor
    {
        Issuer = "us",
        Audience = "booksaga",
        Expires = (_time.GetUtcNow() + life).UtcDateTime,
        Claims = new Dictionary<string, object> { ["sub"] = subject ?? Somebody.ToString(), ["email"] = "Clara@example.com", ["given_name"] = "Clara" },
        SigningCredentials = new SigningCredentials(_key, SecurityAlgorithms.RsaSha256),
    });
}
