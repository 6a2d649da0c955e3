using System.Net;
using System.Net.Http.Json;
using System.Text.Json;

namespace BookSaga.Gateway.Tests;

public sealed class RouteTests(GatewayFixture fixture) : IClassFixture<GatewayFixture>
{
    public static TheoryData<string, string> AllRoutes() => [.. RouteTable.Api.Select(route => (route.Method, route.Path))];

    [Theory, MemberData(nameof(AllRoutes))]
    public async Task Every_route_reaches_its_backend_unchanged(string method, string template)
    {
        Route route = RouteTable.Api.Single(r => r.Method == method && r.Path == template);
        string path = template.Replace("{id}", "17").Replace("{offerId}", "4").Replace("{managerId}", "a-b~c%20d").Replace("{webhookId}", "5").Replace("{bookingId}", "b-1").Replace("{number}", "12").Replace("{mailId}", "6").Replace("{token}", "AZp-_w").Replace("{batchId}", "b-2");
        string query = string.Concat((route.Query ?? []).Select((name, i) => $"{(i == 0 ? '?' : '&')}{name}=%D0%90{i}%2B1"));
        using HttpClient client = fixture.Gateway.Http(route.Access == Access.SignedIn ? fixture.User : null);
        using var request = new HttpRequestMessage(new HttpMethod(method), path + query);
        if (method is "POST" or "PUT")
        {
            request.Content = JsonContent.Create(new { name = "О'Нил" });
            request.Headers.Add("Idempotency-Key", "k1");
        }

        JsonElement seen = await client.SendAsync(request).JsonAsync(200);

        seen.GetProperty("backend").GetString().ShouldBe(route.Backend.Name());
        seen.GetProperty("method").GetString().ShouldBe(method);
        seen.GetProperty("target").GetString().ShouldBe(path + query);
        if (method is "POST" or "PUT")
        {
            JsonDocument.Parse(seen.GetProperty("body").GetString()!).RootElement.GetProperty("name").GetString().ShouldBe("О'Нил");
            seen.GetProperty("headers").GetProperty("CONTENT-TYPE").GetString().ShouldBe("application/json; charset=utf-8");
            seen.GetProperty("headers").GetProperty("IDEMPOTENCY-KEY").GetString().ShouldBe("k1");
            seen.GetProperty("headers").TryGetProperty("TRANSFER-ENCODING", out _).ShouldBe(request.Content!.Headers.ContentLength is null);
        }
        if (route.Access == Access.SignedIn)
        {
            seen.GetProperty("headers").GetProperty("AUTHORIZATION").GetString().ShouldStartWith("Bearer ");
        }
    }

    [Theory, MemberData(nameof(AllRoutes))]
    public async Task A_signed_in_route_is_closed_without_a_token_and_an_open_one_is_not(string method, string template)
    {
        Route route = RouteTable.Api.Single(r => r.Method == method && r.Path == template);
        using HttpClient client = fixture.Gateway.Http(null);
        using var request = new HttpRequestMessage(new HttpMethod(method), template);

        using HttpResponseMessage answer = await client.SendAsync(request);

        answer.StatusCode.ShouldBe(route.Access == Access.SignedIn ? HttpStatusCode.Unauthorized : HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_post_without_a_body_arrives_without_one_and_without_a_content_type()
    {
        using HttpClient client = fixture.Gateway.Http(fixture.User);

        JsonElement seen = await client.PostAsync("/api/v1/customer/offer/5/book", null).JsonAsync(200);

        seen.GetProperty("body").GetString().ShouldBe("");
        seen.GetProperty("headers").TryGetProperty("CONTENT-TYPE", out _).ShouldBeFalse();
        seen.GetProperty("headers").GetProperty("CONTENT-LENGTH").GetString().ShouldBe("0");
    }

    [Fact]
    public async Task Status_headers_and_body_of_the_service_come_back_as_they_are()
    {
        TestBackend company = fixture.Backends[Backend.Company];
        company.Behave = context =>
        {
            context.Response.StatusCode = 201;
            context.Response.Headers.Location = "/api/v1/company/9";
            context.Response.ContentType = "application/json; charset=utf-8";
            return context.Response.Body.WriteAsync("{\"id\":9}"u8.ToArray()).AsTask();
        };
        using HttpClient client = fixture.Gateway.Http(fixture.User);

        using HttpResponseMessage answer = await client.PostAsync("/api/v1/company", new { name = "A" });
        company.Behave = company.EchoAsync;

        answer.StatusCode.ShouldBe(HttpStatusCode.Created);
        answer.Headers.Location!.OriginalString.ShouldBe("/api/v1/company/9");
        (await answer.Content.ReadAsStringAsync()).ShouldBe("{\"id\":9}");
    }

    [Fact]
    public async Task Query_parameters_that_a_route_does_not_know_stop_at_the_gateway()
    {
        using HttpClient client = fixture.Gateway.Http(null);

        JsonElement seen = await client.GetAsync("/api/v1/offers?from=2026-01-01T00:00:00%2B03:00&admin=true&page=2").JsonAsync(200);

        string target = Uri.UnescapeDataString(seen.GetProperty("target").GetString()!);
        target.ShouldBe("/api/v1/offers?from=2026-01-01T00:00:00+03:00&page=2");
    }

    [Fact]
    public async Task Identity_headers_and_cookies_of_a_client_stop_at_the_gateway()
    {
        using HttpClient client = fixture.Gateway.Http(null);
        string[] forged = ["X-User-Id", "X-User", "X-Forwarded-User", "X-Forwarded-Email", "X-Auth-Request-Email", "Remote-User", "X-Userinfo", "Cookie", "X-Original-Url"];
        foreach (string name in forged)
        {
            client.DefaultRequestHeaders.Add(name, "operator");
        }
        client.DefaultRequestHeaders.Add("X-Forwarded-For", "203.0.113.9");
        client.DefaultRequestHeaders.Add("X-Forwarded-Host", "evil.example");

        JsonElement headers = (await client.GetAsync("/api/v1/offers").JsonAsync(200)).GetProperty("headers");

        foreach (string name in forged)
        {
            headers.TryGetProperty(name.ToUpperInvariant(), out _).ShouldBeFalse(name);
        }
        headers.GetProperty("X-FORWARDED-FOR").GetString().ShouldBe("127.0.0.1");
        headers.GetProperty("X-FORWARDED-HOST").GetString().ShouldBe($"127.0.0.1:{fixture.Gateway.HttpPort}");
    }

    [Fact]
    public async Task A_clients_trace_goes_on_behind_the_gateway_below_the_gateways_own_span()
    {
        using HttpClient client = fixture.Gateway.Http(null);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/v1/offers");
        request.Headers.Add("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");

        string passedOn = (await client.SendAsync(request).JsonAsync(200)).GetProperty("headers").GetProperty("TRACEPARENT").GetString()!;

        passedOn.ShouldStartWith("00-0af7651916cd43dd8448eb211c80319c-");
        passedOn.ShouldNotContain("b7ad6b7169203331");
    }

    [Theory]
    [InlineData("GET", "/realms/booksaga/protocol/openid-connect/auth?client_id=web&scope=openid%20email")]
    [InlineData("POST", "/realms/booksaga/login-actions/authenticate?session_code=1")]
    [InlineData("OPTIONS", "/realms/booksaga/protocol/openid-connect/token")]
    [InlineData("GET", "/resources/a/login/style.css")]
    public async Task Browsers_reach_the_identity_provider_by_the_gateways_own_name(string method, string target)
    {
        using HttpClient client = fixture.Gateway.Http(null);
        using var request = new HttpRequestMessage(new HttpMethod(method), target);
        request.Headers.Add("Cookie", "session=1");

        JsonElement seen = await client.SendAsync(request).JsonAsync(200);

        seen.GetProperty("backend").GetString().ShouldBe("identity");
        seen.GetProperty("target").GetString().ShouldBe(target);
        seen.GetProperty("headers").GetProperty("COOKIE").GetString().ShouldBe("session=1");
        seen.GetProperty("headers").GetProperty("HOST").GetString().ShouldBe($"127.0.0.1:{fixture.Gateway.HttpPort}");
    }

    [Theory]
    [InlineData("GET", "/")]
    [InlineData("GET", "/offers/7?from=2026-01-01")]
    [InlineData("POST", "/offers/7")]
    [InlineData("GET", "/assets/app.12ab.css")]
    [InlineData("GET", "/administration")]
    public async Task Everything_else_is_the_webs(string method, string target)
    {
        using HttpClient client = fixture.Gateway.Http(null);
        using var request = new HttpRequestMessage(new HttpMethod(method), target);
        request.Headers.Add("Cookie", "session=1");
        request.Headers.Add("X-User-Id", "operator");

        JsonElement seen = await client.SendAsync(request).JsonAsync(200);

        seen.GetProperty("backend").GetString().ShouldBe("web");
        seen.GetProperty("target").GetString().ShouldBe(target);
        seen.GetProperty("headers").GetProperty("COOKIE").GetString().ShouldBe("session=1");
        seen.GetProperty("headers").GetProperty("HOST").GetString().ShouldBe($"127.0.0.1:{fixture.Gateway.HttpPort}");
        seen.GetProperty("headers").TryGetProperty("X-USER-ID", out _).ShouldBeFalse();
    }

    [Theory]
    [InlineData("/api/v1/nothing")]
    [InlineData("/api/v2/offers")]
    [InlineData("/admin/realms/booksaga/users")]
    [InlineData("/realms/../admin/realms/booksaga/users")]
    [InlineData("/realms/%2e%2e/admin/realms/booksaga/users")]
    [InlineData("/internal/events")]
    [InlineData("/api/v1/customer/offer/1/book/again")]
    public async Task An_unknown_route_is_404_with_and_without_a_token(string path)
    {
        foreach (TestUser? user in new[] { null, fixture.User })
        {
            using HttpClient client = fixture.Gateway.Http(user);
            await client.GetAsync(path).ProblemAsync(404, "not found");
        }
    }

    [Theory]
    [InlineData("DELETE", "/api/v1/customer/profile")]
    [InlineData("GET", "/api/v1/customer/login")]
    [InlineData("PATCH", "/api/v1/company/1")]
    public async Task A_wrong_method_is_405_and_names_the_right_ones(string method, string path)
    {
        using HttpClient client = fixture.Gateway.Http(null);
        using var request = new HttpRequestMessage(new HttpMethod(method), path);

        using HttpResponseMessage answer = await client.SendAsync(request);

        answer.Content.Headers.Allow.ShouldNotBeEmpty();
        await Task.FromResult(answer).ProblemAsync(405, "method not allowed");
    }

    [Fact]
    public async Task Requests_are_spread_over_the_replicas_and_a_dead_one_is_set_aside()
    {
        await using TestBackend one = await new TestBackend("one").StartAsync();
        await using TestBackend two = await new TestBackend("two").StartAsync();
        TestService<Program> gateway = await fixture.StartAsync(new() { ["Backends:booking"] = $"{one.Address}, {two.Address}" });
        using HttpClient client = gateway.Http(null);
        for (int i = 0; i < 40; i++)
        {
            (await client.GetAsync("/api/v1/offers")).StatusCode.ShouldBe(HttpStatusCode.OK);
        }
        one.Arrived.ShouldNotBeEmpty();
        two.Arrived.ShouldNotBeEmpty();

        await two.DisposeAsync();
        var after = new List<HttpStatusCode>();
        for (int i = 0; i < 60; i++)
        {
            after.Add((await client.GetAsync("/api/v1/offers")).StatusCode);
        }

        after.Skip(40).ShouldAllBe(status => status == HttpStatusCode.OK);
    }
}
