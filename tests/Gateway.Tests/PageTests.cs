using System.Net;
using System.Text.RegularExpressions;

namespace BookSaga.Gateway.Tests;

public sealed partial class PageTests(GatewayFixture fixture) : IClassFixture<GatewayFixture>
{
    [Fact]
    public async Task The_status_page_links_to_everything_and_tells_how_each_service_is()
    {
        using HttpClient client = fixture.Gateway.Http(null);

        using HttpResponseMessage answer = await client.GetAsync("/status");

        string page = await answer.Content.ReadAsStringAsync();
        answer.Content.Headers.ContentType!.ToString().ShouldBe("text/html; charset=utf-8");
        page.ShouldContain("href=\"/docs\"");
        page.ShouldContain($"href=\"{TestAuthority.Issuer}/.well-known/openid-configuration\"");
        page.ShouldContain("href=\"http://localhost:1080/?a=1&amp;b=2\"");
        foreach (string service in new[] { "booking", "company", "customer", "identity", "notification", "payment", "web" })
        {
            page.ShouldContain($"<th scope=\"row\">{service}</th><td class=\"good\">ready</td>");
        }
    }

    [Fact]
    public async Task The_status_page_names_what_is_down_and_what_is_down_in_part_and_is_there_all_the_same()
    {
        TestService<Program> gateway = await fixture.StartAsync(new()
        {
            ["Backends:payment"] = "http://127.0.0.1:1",
            ["Backends:booking"] = $"{fixture.Backends[Backend.Booking].Address},http://127.0.0.1:1",
        });
        using HttpClient client = gateway.Http(null);

        string page = await client.GetStringAsync("/status");

        page.ShouldContain("<th scope=\"row\">payment</th><td class=\"bad\">not ready</td>");
        page.ShouldContain("<th scope=\"row\">booking</th><td class=\"bad\">partly ready (1 of 2)</td>");
        page.ShouldNotContain("Mail catcher");
    }

    [Theory]
    [InlineData("/status")]
    [InlineData("/docs/")]
    public async Task Our_own_pages_load_nothing_from_elsewhere(string path)
    {
        using HttpClient client = fixture.Gateway.Http(null);

        using HttpResponseMessage answer = await client.GetAsync(path);

        string page = await answer.Content.ReadAsStringAsync();
        string policy = answer.Headers.GetValues("Content-Security-Policy").Single();
        policy.ShouldStartWith("default-src 'none'; ");
        policy.ShouldContain("frame-ancestors 'none'");
        policy.ShouldNotContain("http");
        answer.Headers.GetValues("X-Content-Type-Options").Single().ShouldBe("nosniff");
        Resource().Matches(page).Select(match => match.Groups[1].Value).ShouldAllBe(source => !source.Contains("//"));
    }

    [Fact]
    public async Task The_api_reference_and_its_script_come_from_the_gateway()
    {
        using HttpClient client = fixture.Gateway.Http(null);

        string page = await client.GetStringAsync("/docs");
        using HttpResponseMessage script = await client.GetAsync("/docs/scalar.js");

        page.ShouldContain("<title>BookSaga API</title>");
        page.ShouldContain("openapi/v1.json");
        script.StatusCode.ShouldBe(HttpStatusCode.OK);
        script.Content.Headers.ContentType!.MediaType.ShouldBe("text/javascript");
    }

    [GeneratedRegex("(?:src)=\"([^\"]*)\"")]
    private static partial Regex Resource();
}
