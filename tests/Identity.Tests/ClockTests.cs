using System.Text.Json;

namespace BookSaga.Identity.Tests;

/// <summary>What time does; on a provider of its own, because its clock runs ahead.</summary>
public sealed class ClockTests(ClockTests.Own own) : IClassFixture<ClockTests.Own>
{
    private readonly IdentityFixture _fixture = own.Fixture;

    [Fact]
    public async Task Ten_wrong_passwords_lock_the_account_for_a_minute_and_no_other()
    {
        (string email, string other) = (IdentityFixture.NewEmail(), IdentityFixture.NewEmail());
        await _fixture.RegisterAsync(email);
        await _fixture.RegisterAsync(other);

        for (int i = 0; i < 10; i++)
        {
            await LoginAsync(email, "wrong horse").JsonAsync(401);
        }

        (await LoginAsync(email).JsonAsync(401)).Text("error").ShouldBe("invalid_grant");
        await LoginAsync(other).JsonAsync(200);
        _fixture.Time.Advance(TimeSpan.FromSeconds(61));
        await LoginAsync(email).JsonAsync(200);
    }

    [Fact]
    public async Task Guesses_at_the_same_moment_are_all_counted()
    {
        string email = IdentityFixture.NewEmail();
        await _fixture.RegisterAsync(email);

        await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => LoginAsync(email, "wrong horse")));

        await LoginAsync(email).JsonAsync(401);
    }

    [Fact]
    public async Task A_right_password_forgives_the_wrong_ones_before_it()
    {
        string email = IdentityFixture.NewEmail();
        await _fixture.RegisterAsync(email);

        for (int i = 0; i < 12; i++)
        {
            await LoginAsync(email, "wrong horse").JsonAsync(401);
            if (i % 6 == 5)
            {
                await LoginAsync(email).JsonAsync(200);
            }
        }
    }

    [Fact]
    public async Task A_refresh_token_ends_after_half_an_hour_and_a_session_after_ten_hours_however_often_it_was_renewed()
    {
        JsonElement idle = await _fixture.RegisterAsync(IdentityFixture.NewEmail());
        JsonElement busy = await _fixture.RegisterAsync(IdentityFixture.NewEmail());

        for (int i = 0; i < 20; i++)
        {
            _fixture.Time.Advance(TimeSpan.FromMinutes(29));
            busy = await RefreshAsync(busy).JsonAsync(200);
        }
        _fixture.Time.Advance(TimeSpan.FromMinutes(21));

        (await RefreshAsync(idle).JsonAsync(400)).Text("error").ShouldBe("invalid_grant");
        (await RefreshAsync(busy).JsonAsync(400)).Text("error_description").ShouldBe("Session not active");
    }

    [Fact]
    public async Task Used_tokens_and_ended_sessions_are_deleted_within_the_hour()
    {
        JsonElement tokens = await _fixture.RegisterAsync(IdentityFixture.NewEmail());
        JsonElement renewed = await RefreshAsync(tokens).JsonAsync(200);
        await _fixture.Identity.PostAsync(
            IdentityFixture.Protocol + "/logout", IdentityFixture.Form("booksaga-api", ("refresh_token", renewed.Text("refresh_token")))).JsonAsync(204);
        string subject = TokenReading.Payload(tokens.Text("access_token")).Text("sub");
        (await CountAsync(subject)).ShouldBe(3);

        _fixture.Time.Advance(TimeSpan.FromHours(1));

        await Until.TrueAsync(async () => await CountAsync(subject) == 0);
    }

    private async Task<long> CountAsync(string subject)
    {
        await using var command = _fixture.Database.Db.CreateCommand("""
            SELECT (SELECT count(*) FROM openid_tokens WHERE subject = $1) + (SELECT count(*) FROM openid_authorizations WHERE subject = $1)
            """);
        command.Parameters.Add(new() { Value = subject });
        return (long)(await command.ExecuteScalarAsync())!;
    }

    private Task<HttpResponseMessage> LoginAsync(string email, string password = IdentityFixture.Password) =>
        _fixture.TokenAsync("booksaga-api", ("grant_type", "password"), ("username", email), ("password", password));

    private Task<HttpResponseMessage> RefreshAsync(JsonElement tokens) =>
        _fixture.TokenAsync("booksaga-api", ("grant_type", "refresh_token"), ("refresh_token", tokens.Text("refresh_token")));

    public sealed class Own : IAsyncLifetime
    {
        internal IdentityFixture Fixture { get; } = new();

        public ValueTask InitializeAsync() => Fixture.InitializeAsync();

        public ValueTask DisposeAsync() => Fixture.DisposeAsync();
    }
}
