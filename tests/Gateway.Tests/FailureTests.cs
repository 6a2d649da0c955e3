using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace BookSaga.Gateway.Tests;

public sealed class FailureTests(GatewayFixture fixture) : IClassFixture<GatewayFixture>
{
    [Fact]
    public async Task A_service_that_is_down_is_503_with_retry_after_and_is_found_when_it_is_back()
    {
        int port = FreePort.Next();
        TestService<Program> gateway = await fixture.StartAsync(new() { ["Backends:booking"] = $"http://127.0.0.1:{port}" });
        using HttpClient client = gateway.Http(null);

        using HttpResponseMessage down = await client.GetAsync("/api/v1/offers");
        await using TestBackend booking = await new TestBackend("booking", port).StartAsync();
        using HttpResponseMessage up = await client.GetAsync("/api/v1/offers");

        down.Headers.RetryAfter.ShouldNotBeNull();
        await Task.FromResult(down).ProblemAsync(503, "temporarily unavailable");
        up.StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_service_that_is_too_slow_is_504_and_a_saga_may_take_longer()
    {
        TestService<Program> gateway = await fixture.StartAsync(new() { ["TimeLimit:Short"] = "00:00:00.3", ["TimeLimit:Saga"] = "00:00:30" });
        TestBackend customer = fixture.Backends[Backend.Customer];
        customer.Behave = async context =>
        {
            await Task.Delay(900);
            await customer.EchoAsync(context);
        };
        using HttpClient client = gateway.Http(fixture.User);

        await client.GetAsync("/api/v1/customer/profile").ProblemAsync(504, "gateway timeout");
        (await client.PostAsync("/api/v1/customer/offer/1/book", null)).StatusCode.ShouldBe(HttpStatusCode.OK);
        customer.Behave = customer.EchoAsync;
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_body_over_64_KB_is_413_whether_or_not_its_length_is_known(bool known)
    {
        using HttpClient client = fixture.Gateway.Http(fixture.User);
        byte[] body = Encoding.ASCII.GetBytes($"{{\"name\":\"{new string('a', 80_000)}\"}}");
        HttpContent content = known ? new ByteArrayContent(body) : new StreamContent(new UnknownLength(body));

        await client.PostAsync("/api/v1/company", content).ProblemAsync(413, "request body too large");
    }

    [Fact]
    public async Task A_body_just_under_64_KB_passes()
    {
        using HttpClient client = fixture.Gateway.Http(fixture.User);

        (await client.PostAsync("/api/v1/company", new { name = new string('a', 65_000) })).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_post_whose_connection_breaks_is_502_and_is_never_sent_twice(bool withBody)
    {
        await using var service = new BreakingService();
        TestService<Program> gateway = await fixture.StartAsync(new() { ["Backends:customer"] = service.Address });
        using HttpClient client = gateway.Http(fixture.User);
        (await client.GetAsync("/api/v1/customer/profile")).StatusCode.ShouldBe(HttpStatusCode.OK);

        await client.PostAsync("/api/v1/customer/offer/1/book", withBody ? new { } : null).ProblemAsync(502, "bad gateway");

        service.Posts.ShouldBe(1);
    }

    [Fact]
    public async Task A_client_that_goes_away_disturbs_nobody_else()
    {
        TestBackend customer = fixture.Backends[Backend.Customer];
        var arrived = new TaskCompletionSource();
        var finished = new TaskCompletionSource();
        customer.Behave = async _ =>
        {
            arrived.TrySetResult();
            await Task.Delay(300, CancellationToken.None);
            finished.TrySetResult();
        };
        using HttpClient client = fixture.Gateway.Http(fixture.User);
        using var leave = new CancellationTokenSource();
        Task<HttpResponseMessage> call = client.PostAsync("/api/v1/customer/offer/1/book", null, leave.Token);
        await arrived.Task.InTimeAsync();

        await leave.CancelAsync();
        await finished.Task.InTimeAsync();
        customer.Behave = customer.EchoAsync;

        await Should.ThrowAsync<OperationCanceledException>(call);
        (await client.GetAsync("/api/v1/customer/profile")).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_problem_of_a_service_passes_as_it_is()
    {
        TestBackend booking = fixture.Backends[Backend.Booking];
        using HttpClient client = fixture.Gateway.Http(null);
        booking.Behave = context =>
        {
            context.Response.StatusCode = 409;
            context.Response.ContentType = "application/problem+json";
            return context.Response.WriteAsync("{\"error\":\"offer is not open\",\"code\":\"offer_taken\"}");
        };
        using HttpResponseMessage own = await client.GetAsync("/api/v1/offers/1");
        booking.Behave = booking.EchoAsync;

        (await own.Content.ReadAsStringAsync()).ShouldBe("{\"error\":\"offer is not open\",\"code\":\"offer_taken\"}");
    }

    private sealed class UnknownLength(byte[] bytes) : MemoryStream(bytes)
    {
        public override bool CanSeek => false;
    }

    /// <summary>Answers a GET and keeps the connection; takes a POST and breaks it.</summary>
    private sealed class BreakingService : IAsyncDisposable
    {
        private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
        private readonly Task _serving;
        private int _posts;

        public BreakingService()
        {
            _listener.Start();
            _serving = ServeAsync();
        }

        public string Address => $"http://{_listener.LocalEndpoint}";

        public int Posts => _posts;

        public async ValueTask DisposeAsync()
        {
            _listener.Dispose();
            await _serving;
        }

        private async Task ServeAsync()
        {
            try
            {
                while (true)
                {
                    _ = AnswerAsync(await _listener.AcceptTcpClientAsync());
                }
            }
            catch (Exception stopped) when (stopped is SocketException or ObjectDisposedException)
            {
                // stopped
            }
        }

        private async Task AnswerAsync(TcpClient connection)
        {
            using TcpClient owned = connection;
            NetworkStream stream = connection.GetStream();
            byte[] buffer = new byte[16 * 1024];
            while (await stream.ReadAsync(buffer) is int read and > 0)
            {
                string text = Encoding.ASCII.GetString(buffer, 0, read);
                if (text.StartsWith("POST", StringComparison.Ordinal))
                {
                    Interlocked.Increment(ref _posts);
                    return;
                }
                if (text.StartsWith("GET", StringComparison.Ordinal))
                {
                    await stream.WriteAsync("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Type: application/json\r\n\r\n{}"u8.ToArray());
                }
            }
        }
    }
}
