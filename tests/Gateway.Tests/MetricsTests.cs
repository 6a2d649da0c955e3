using System.Net;

namespace BookSaga.Gateway.Tests;

public sealed class MetricsTests(GatewayFixture fixture) : IClassFixture<GatewayFixture>
{
    [Fact]
    public async Task Metrics_answer_on_their_own_port_only_whatever_host_is_named()
    {
        int port = FreePort.Next();
        TestService<Program> gateway = await fixture.StartAsync(new() { ["Listen:MetricsPort"] = $"{port}" });
        using HttpClient outside = gateway.Http(null);
        using var inside = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}") };
        using var spoofed = new HttpRequestMessage(HttpMethod.Get, "/metrics") { Headers = { Host = $"localhost:{port}" } };

        await outside.GetAsync("/metrics").ProblemAsync(404, "not found");
        await outside.SendAsync(spoofed).ProblemAsync(404, "not found");
        (await inside.GetStringAsync("/metrics")).ShouldContain("# TYPE");
        (await outside.GetAsync("/healthz")).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await outside.GetAsync("/readyz")).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_header_beyond_ASCII_reaches_the_service_as_it_is()
    {
        using var socket = new System.Net.Sockets.TcpClient();
        await socket.ConnectAsync(IPAddress.Loopback, fixture.Gateway.HttpPort);
        System.Net.Sockets.NetworkStream stream = socket.GetStream();
        await stream.WriteAsync(System.Text.Encoding.UTF8.GetBytes("GET /api/v1/offers HTTP/1.1\r\nHost: localhost\r\nUser-Agent: Браузер\r\nConnection: close\r\n\r\n"));
        using var reader = new StreamReader(stream);

        string answer = await reader.ReadToEndAsync();

        answer.ShouldStartWith("HTTP/1.1 200");
        System.Text.RegularExpressions.Regex.Unescape(answer).ShouldContain("Браузер");
    }
}
