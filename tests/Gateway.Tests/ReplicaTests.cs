using System.Net;

namespace BookSaga.Gateway.Tests;

/// <summary>Several replicas of one service: one that is gone or going costs no request.</summary>
public sealed class ReplicaTests(GatewayFixture fixture) : IClassFixture<GatewayFixture>
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_finds_nobody_listening_goes_to_the_next_replica_with_its_whole_body(bool withBody)
    {
        await using TestBackend there = await new TestBackend("customer").StartAsync();
        TestService<Program> gateway = await StartAsync($"http://127.0.0.1:{FreePort.Next()}", $"http://127.0.0.1:{FreePort.Next()}", there.Address);
        using HttpClient client = gateway.Http(fixture.User);

        for (int i = 0; i < 20; i++)
        {
            using HttpResponseMessage answer = await client.PostAsync("/api/v1/customer/offer/1/book", withBody ? new { number = i } : null);

            answer.StatusCode.ShouldBe(HttpStatusCode.OK);
            (await answer.Content.ReadAsStringAsync()).Contains("number", StringComparison.Ordinal).ShouldBe(withBody);
        }
        there.Arrived.Count.ShouldBe(20);
    }

    [Fact]
    public async Task Where_nobody_listens_at_all_it_is_503()
    {
        TestService<Program> gateway = await StartAsync($"http://127.0.0.1:{FreePort.Next()}", $"http://127.0.0.1:{FreePort.Next()}");
        using HttpClient client = gateway.Http(fixture.User);

        await client.PostAsync("/api/v1/customer/offer/1/book", new { }).ProblemAsync(503, "temporarily unavailable");
    }

    [Fact]
    public async Task A_replica_that_says_it_is_going_gets_nothing_new_and_one_that_is_ready_again_gets_its_share()
    {
        await using TestBackend one = await new TestBackend("customer").StartAsync();
        await using TestBackend two = await new TestBackend("customer").StartAsync();
        TestService<Program> gateway = await StartAsync(one.Address, two.Address);
        using HttpClient client = gateway.Http(fixture.User);

        one.IsReady = false;
        await UntilAsync(() => Arrivals(one) == 0);
        one.IsReady = true;
        await UntilAsync(() => Arrivals(one) > 0 && Arrivals(two) > 0);

        // Of twenty requests, after which the count begins anew.
        int Arrivals(TestBackend backend) => backend.Arrived.Count;

        async Task UntilAsync(Func<bool> holds)
        {
            for (int i = 0; i < 20; i++)
            {
                one.Arrived.Clear();
                two.Arrived.Clear();
                for (int n = 0; n < 20; n++)
                {
                    (await client.GetAsync("/api/v1/customer/profile")).StatusCode.ShouldBe(HttpStatusCode.OK);
                }
                if (holds())
                {
                    return;
                }
                await Task.Delay(250);
            }
            throw new InvalidOperationException($"{Arrivals(one)} and {Arrivals(two)} of 20 requests after 5 s");
        }
    }

    private Task<TestService<Program>> StartAsync(params string[] customers) => fixture.StartAsync(new() { ["Backends:customer"] = string.Join(',', customers) });
}
