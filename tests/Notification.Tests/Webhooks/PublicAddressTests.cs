using System.Net;
using System.Net.Sockets;
using BookSaga.Contracts;
using BookSaga.Notification.Webhooks;

namespace BookSaga.Notification.Tests.Webhooks;

public sealed class PublicAddressTests(Authority authority)
{
    [Theory]
    [InlineData("93.184.216.34")]
    [InlineData("8.8.8.8")]
    [InlineData("172.32.0.1")]
    [InlineData("100.128.0.1")]
    [InlineData("2606:2800:220:1:248:1893:25c8:1946")]
    [InlineData("::ffff:8.8.8.8")]
    [InlineData("64:ff9b::808:808")]
    public void What_the_internet_reaches_is_public(string address) => PublicAddress.Is(IPAddress.Parse(address)).ShouldBeTrue();

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("127.255.255.254")]
    [InlineData("0.0.0.0")]
    [InlineData("0.1.2.3")]
    [InlineData("10.0.0.1")]
    [InlineData("172.16.0.1")]
    [InlineData("172.31.255.255")]
    [InlineData("192.168.1.1")]
    [InlineData("169.254.169.254")]
    [InlineData("100.64.0.1")]
    [InlineData("100.100.100.200")]
    [InlineData("168.63.129.16")]
    [InlineData("192.0.0.192")]
    [InlineData("192.0.2.1")]
    [InlineData("198.18.0.1")]
    [InlineData("224.0.0.1")]
    [InlineData("255.255.255.255")]
    [InlineData("::")]
    [InlineData("::1")]
    [InlineData("::ffff:127.0.0.1")]
    [InlineData("::ffff:169.254.169.254")]
    [InlineData("::127.0.0.1")]
    [InlineData("64:ff9b::7f00:1")]
    [InlineData("64:ff9b:1::1")]
    [InlineData("2002:7f00:1::")]
    [InlineData("2001:0:4136:e378:8000:63bf:3fff:fdd2")]
    [InlineData("2001:db8::1")]
    [InlineData("fe80::1")]
    [InlineData("fec0::1")]
    [InlineData("fd00:ec2::254")]
    [InlineData("ff02::1")]
    public void What_is_ours_or_a_neighbours_is_not(string address) => PublicAddress.Is(IPAddress.Parse(address)).ShouldBeFalse();

    // The name passes every check of the text; what counts is what it resolves to.
    [Fact]
    public async Task A_name_that_resolves_to_a_private_address_is_not_connected_to()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        int port = ((IPEndPoint)listener.LocalEndpoint).Port;
        await using HookWorld world = await HookWorld.OpenAsync(authority, new() { ["Webhooks:AllowPrivateAddresses"] = "false" });
        Webhook http = await world.SubscribeAsync($"http://localhost:{port}/");
        Webhook https = await world.SubscribeAsync($"https://localhost:{port}/");
        await world.Office.DeliverAllAsync(Samples.Paid());
        await world.UntilAttemptsAsync(2);
        foreach (Webhook webhook in (Webhook[])[http, https])
        {
            WebhookAttempt attempt = (await world.LogAsync(webhook)).ShouldHaveSingleItem().Attempts.ShouldHaveSingleItem();
            (attempt.Status, attempt.Error).ShouldBe((null, "the host has no public address"));
        }
        listener.Pending().ShouldBeFalse();
    }

    [Fact]
    public async Task A_certificate_that_nobody_vouches_for_is_refused()
    {
        await using HookWorld world = await HookWorld.OpenAsync(authority);
        await using var endpoint = await TlsEndpoint.StartAsync();
        Webhook webhook = await world.SubscribeAsync($"https://127.0.0.1:{endpoint.Port}/");
        await world.Office.DeliverAllAsync(Samples.Paid());
        await world.UntilAttemptsAsync(1);
        (await world.LogAsync(webhook)).Single().Attempts.Single().Error!.ShouldContain("certificate");
        endpoint.Calls.ShouldBe(0);
    }
}
