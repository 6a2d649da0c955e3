using System.Net;
using System.Net.Http.Json;
using BookSaga.Hosting.Auth;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace BookSaga.Hosting.Tests;

public sealed class ServiceTokensTests : IDisposable
{
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 1, 1, 12, 0, 0, TimeSpan.Zero));
    private readonly Provider _provider = new();
    private readonly ServiceTokens _tokens;

    public ServiceTokensTests() => _tokens = new ServiceTokens(_provider, Options.Create(new AuthOptions { Authority = "http://provider.test", ClientId = "us", ClientSecret = "secret" }), _time);

    public void Dispose() => _provider.Dispose();

    [Fact]
    public async Task It_is_fetched_once_for_all_who_ask_and_renewed_at_half_its_life()
    {
        string[] all = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(async () => await GetAsync())));
        all.ShouldAllBe(token => token == "token 1");
        _time.Advance(TimeSpan.FromSeconds(149));
        (await GetAsync()).ShouldBe("token 1");
        _time.Advance(TimeSpan.FromSeconds(1));
        await GetAsync();
        await _provider.AnsweredAsync(2);
        await RenewedAsync("token 2");
        _provider.Asked.ShouldBe(2);
    }

    [Fact]
    public async Task A_provider_that_does_not_answer_holds_up_nobody_while_the_old_one_is_valid()
    {
        await GetAsync();
        _provider.Holds = new TaskCompletionSource();
        _time.Advance(TimeSpan.FromSeconds(294));
        ValueTask<string> at_once = GetAsync();
        at_once.IsCompleted.ShouldBeTrue();
        (await at_once).ShouldBe("token 1");
        _time.Advance(TimeSpan.FromSeconds(1));
        ValueTask<string> waits = GetAsync();
        waits.IsCompleted.ShouldBeFalse();
        _provider.Holds.SetResult();
        (await waits).ShouldBe("token 2");
        _provider.Asked.ShouldBe(2);
    }

    [Fact]
    public async Task A_refusal_is_asked_again_after_five_seconds_and_told_only_when_nothing_is_left()
    {
        await GetAsync();
        _provider.Answer = HttpStatusCode.ServiceUnavailable;
        _time.Advance(TimeSpan.FromSeconds(200));
        (await GetAsync()).ShouldBe("token 1");
        await _provider.AnsweredAsync(2);
        (await GetAsync()).ShouldBe("token 1");
        _time.Advance(TimeSpan.FromSeconds(4));
        (await GetAsync()).ShouldBe("token 1");
        _provider.Asked.ShouldBe(2);
        _time.Advance(TimeSpan.FromSeconds(1));
        (await GetAsync()).ShouldBe("token 1");
        await _provider.AnsweredAsync(3);
        _time.Advance(TimeSpan.FromSeconds(90));
        await Should.ThrowAsync<HttpRequestException>(async () => await GetAsync());
        _provider.Answer = HttpStatusCode.OK;
        (await GetAsync()).ShouldBe("token 5");
    }

    [Fact]
    public async Task Who_gives_up_takes_no_token_from_the_others()
    {
        _provider.Holds = new TaskCompletionSource();
        using var impatient = new CancellationTokenSource();
        ValueTask<string> first = _tokens.GetAsync(impatient.Token);
        ValueTask<string> second = GetAsync();
        await impatient.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(async () => await first);
        _provider.Holds.SetResult();
        (await second).ShouldBe("token 1");
    }

    private ValueTask<string> GetAsync() => _tokens.GetAsync(TestContext.Current.CancellationToken);

    // The renewal goes on beside those who ask.
    private Task RenewedAsync(string wanted) => Until.TrueAsync(async () => await GetAsync() == wanted);

    private sealed class Provider : HttpMessageHandler, IHttpClientFactory
    {
        private int _asked;
        private int _answered;

        internal int Asked => Volatile.Read(ref _asked);

        internal HttpStatusCode Answer { get; set; } = HttpStatusCode.OK;

        internal TaskCompletionSource? Holds { get; set; }

        public HttpClient CreateClient(string name) => new(this, disposeHandler: false);

        internal Task AnsweredAsync(int times) => Until.TrueAsync(() => Volatile.Read(ref _answered) >= times);

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            int number = Interlocked.Increment(ref _asked);
            if (Holds is { } holds)
            {
                await holds.Task;
            }
            Interlocked.Increment(ref _answered);
            return new HttpResponseMessage(Answer) { Content = JsonContent.Create(new { access_token = $"token {number}", expires_in = 300 }) };
        }
    }
}
