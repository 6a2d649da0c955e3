using System.Security.Cryptography;
using BookSaga.Hosting.Auth;
using Microsoft.Extensions.Time.Testing;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace BookSaga.Hosting.Tests;

public sealed class VerifiedTokensTests : IDisposable
{
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 1, 1, 12, 0, 0, TimeSpan.Zero));
    private readonly RSA _rsa = RSA.Create(2048);
    private readonly VerifiedTokens _tokens;
    private readonly TokenValidationParameters _rules;
    private readonly RsaSecurityKey _key;
    private int _checks;

    public VerifiedTokensTests()
    {
        _tokens = new VerifiedTokens(_time, perGeneration: 4);
        _key = new RsaSecurityKey(_rsa) { KeyId = "one" };
        _rules = new TokenValidationParameters
        {
            IssuerSigningKey = _key,
            ValidIssuer = "us",
            ValidAudience = "booksaga",
            LifetimeValidator = (_, expires, _, _) =>
            {
                _checks++;
                return expires > _time.GetUtcNow().UtcDateTime;
            },
        };
    }

    public void Dispose() => _rsa.Dispose();

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
        _rules.IssuerSigningKey = new RsaSecurityKey(other) { KeyId = "two" };
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

    private async Task<bool> IsValidAsync(string token) => (await _tokens.ValidateTokenAsync(token, _rules)).IsValid;

    private string Token(TimeSpan life, string subject = "somebody") => new JsonWebTokenHandler { SetDefaultTimesOnTokenCreation = false }.CreateToken(new SecurityTokenDescriptor
    {
        Issuer = "us",
        Audience = "booksaga",
        Expires = (_time.GetUtcNow() + life).UtcDateTime,
        Claims = new Dictionary<string, object> { ["sub"] = subject },
        SigningCredentials = new SigningCredentials(_key, SecurityAlgorithms.RsaSha256),
    });
}
