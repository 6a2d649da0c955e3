using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.IdentityModel.Tokens;

namespace BookSaga.Identity.Tests;

public sealed class BrowserTests(IdentityFixture fixture)
{
    private const string Callback = "http://localhost:8080/signin-oidc";
    private const string Verifier = "a-code-verifier-that-is-long-enough-for-the-rule-of-43";

    [Fact]
    public async Task Signing_in_on_the_page_gives_a_code_and_the_code_gives_tokens_once()
    {
        string email = IdentityFixture.NewEmail();
        await fixture.RegisterAsync(email);
        using Browser browser = Open();

        Uri back = await browser.SignInAsync(AuthorizeUrl(), email, IdentityFixture.Password);
        JsonElement tokens = await RedeemAsync(back).JsonAsync(200);

        back.GetLeftPart(UriPartial.Path).ShouldBe(Callback);
        Query(back, "state").ShouldBe("the state");
        Query(back, "iss").ShouldBe(IdentityFixture.Issuer);
        JsonElement id = TokenReading.Payload(tokens.Text("id_token"));
        (id.Text("aud"), id.Text("nonce"), id.Text("email")).ShouldBe(("booksaga-web", "the nonce", email));
        tokens.GetProperty("refresh_expires_in").GetInt32().ShouldBe(1800);
        (await RedeemAsync(back).JsonAsync(400)).Text("error").ShouldBe("invalid_grant");
    }

    [Fact]
    public async Task Who_is_signed_in_is_not_asked_again_unless_the_client_wants_it()
    {
        using Browser browser = await SignedInAsync();

        using HttpResponseMessage silent = await browser.Http.GetAsync(AuthorizeUrl());
        using HttpResponseMessage none = await browser.Http.GetAsync(AuthorizeUrl("prompt", "none"));
        using HttpResponseMessage asked = await browser.Http.GetAsync(AuthorizeUrl("prompt", "login"));

        Query(silent.Headers.Location!, "code").ShouldNotBeNullOrEmpty();
        Query(none.Headers.Location!, "code").ShouldNotBeNullOrEmpty();
        asked.StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_login_that_was_asked_for_again_ends()
    {
        string email = IdentityFixture.NewEmail();
        await fixture.RegisterAsync(email);
        using Browser browser = Open();

        Uri back = await browser.SignInAsync(AuthorizeUrl("prompt", "login") + "&max_age=0", email, IdentityFixture.Password);

        Query(back, "code").ShouldNotBeNullOrEmpty();
    }

    [Fact]
    public async Task Prompt_none_without_a_session_is_login_required()
    {
        using Browser browser = Open();

        using HttpResponseMessage answer = await browser.Http.GetAsync(AuthorizeUrl("prompt", "none"));

        Query(answer.Headers.Location!, "error").ShouldBe("login_required");
    }

    [Fact]
    public async Task A_wrong_password_is_told_in_the_form_and_what_was_typed_is_encoded()
    {
        using Browser browser = Open();

        (HttpStatusCode status, string page) = await browser.SubmitAsync(AuthorizeUrl(), "\"><script>alert(1)</script>@b.c", "wrong horse");

        status.ShouldBe(HttpStatusCode.OK);
        page.ShouldContain("role=\"alert\"");
        page.ShouldContain("value=\"&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;@b.c\"");
        page.ShouldNotContain("<script");
        page.ShouldNotContain("wrong horse");
    }

    [Theory]
    [InlineData("en-US,en;q=0.9,ru;q=0.5", "<html lang=\"en\">", "Password")]
    [InlineData("ru", "<html lang=\"ru\">", "Пароль")]
    [InlineData("de", "<html lang=\"ru\">", "Пароль")]
    public async Task The_page_speaks_the_readers_language_without_scripts_and_cannot_be_framed(string language, string html, string label)
    {
        using Browser browser = Open();
        browser.Http.DefaultRequestHeaders.Add("Accept-Language", language);

        using HttpResponseMessage answer = await browser.Http.GetAsync(AuthorizeUrl());
        string page = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);

        page.ShouldContain(html);
        page.ShouldContain($"<label for=\"password\">{label}</label>");
        page.ShouldNotContain("<script");
        answer.Headers.GetValues("Content-Security-Policy").Single().ShouldContain("frame-ancestors 'none'");
        answer.Headers.CacheControl!.NoStore.ShouldBeTrue();
    }

    [Fact]
    public async Task A_form_from_elsewhere_signs_nobody_in()
    {
        string email = IdentityFixture.NewEmail();
        await fixture.RegisterAsync(email);
        using Browser browser = Open();
        using var form = new FormUrlEncodedContent([new("username", email), new("password", IdentityFixture.Password)]);

        using HttpResponseMessage answer = await browser.Http.PostAsync(IdentityFixture.Realm + "/login-actions/authenticate" + new Uri(fixture.Identity.BaseAddress!, AuthorizeUrl()).Query, form);

        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        answer.Headers.TryGetValues("Set-Cookie", out IEnumerable<string>? cookies);
        (cookies ?? []).ShouldNotContain(c => c.StartsWith("booksaga_session", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("redirect_uri", "http://evil.example/signin-oidc")]
    [InlineData("redirect_uri", "http://localhost:8080/signin-oidc/../other")]
    [InlineData("client_id", "nobody")]
    public async Task An_unknown_client_or_address_is_told_on_a_page_and_never_redirected(string parameter, string value)
    {
        using Browser browser = Open();

        using HttpResponseMessage answer = await browser.Http.GetAsync(AuthorizeUrl(parameter, value));

        answer.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        answer.Headers.Location.ShouldBeNull();
        answer.Content.Headers.ContentType!.MediaType.ShouldBe("text/html");
    }

    [Theory]
    [InlineData("code_challenge", "")]
    [InlineData("code_challenge_method", "plain")]
    [InlineData("response_type", "token")]
    public async Task Without_PKCE_by_S256_there_is_no_code(string parameter, string value)
    {
        using Browser browser = await SignedInAsync();

        using HttpResponseMessage answer = await browser.Http.GetAsync(AuthorizeUrl(parameter, value));

        (answer.Headers.Location is { } back ? Query(back, "code") : null).ShouldBeNull();
    }

    [Fact]
    public async Task A_stolen_code_is_worth_nothing_without_its_verifier()
    {
        using Browser browser = await SignedInAsync();
        using HttpResponseMessage answer = await browser.Http.GetAsync(AuthorizeUrl());

        JsonElement refused = await RedeemAsync(answer.Headers.Location!, "another-verifier-that-is-long-enough-for-the-rule").JsonAsync(400);

        refused.Text("error").ShouldBe("invalid_grant");
    }

    [Fact]
    public async Task A_logout_with_the_id_token_ends_session_and_refresh_token_and_goes_back()
    {
        using Browser browser = await SignedInAsync();
        using HttpResponseMessage signedIn = await browser.Http.GetAsync(AuthorizeUrl());
        JsonElement tokens = await RedeemAsync(signedIn.Headers.Location!).JsonAsync(200);
        string logout = $"{IdentityFixture.Protocol}/logout?id_token_hint={tokens.Text("id_token")}&state=s&post_logout_redirect_uri={Uri.EscapeDataString("http://localhost:8080/signout-callback-oidc")}";

        using HttpResponseMessage left = await browser.Http.GetAsync(logout);
        using HttpResponseMessage leftAgain = await browser.Http.GetAsync(logout);
        using HttpResponseMessage after = await browser.Http.GetAsync(AuthorizeUrl("prompt", "none"));

        left.Headers.Location!.AbsoluteUri.ShouldBe("http://localhost:8080/signout-callback-oidc?state=s");
        leftAgain.StatusCode.ShouldBe(left.StatusCode);
        Query(after.Headers.Location!, "error").ShouldBe("login_required");
        (await fixture.TokenAsync("booksaga-web", ("grant_type", "refresh_token"), ("refresh_token", tokens.Text("refresh_token"))).JsonAsync(400)).Text("error").ShouldBe("invalid_grant");
    }

    [Fact]
    public async Task A_logout_without_proof_asks_first()
    {
        using Browser browser = await SignedInAsync();

        using HttpResponseMessage asked = await browser.Http.GetAsync(IdentityFixture.Protocol + "/logout");
        string page = await asked.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        using HttpResponseMessage still = await browser.Http.GetAsync(AuthorizeUrl("prompt", "none"));
        using var confirm = new FormUrlEncodedContent(Browser.Hidden(page));
        using HttpResponseMessage confirmed = await browser.Http.PostAsync(IdentityFixture.Protocol + "/logout", confirm);
        using HttpResponseMessage after = await browser.Http.GetAsync(AuthorizeUrl("prompt", "none"));

        Query(still.Headers.Location!, "code").ShouldNotBeNullOrEmpty();
        confirmed.StatusCode.ShouldBe(HttpStatusCode.OK);
        Query(after.Headers.Location!, "error").ShouldBe("login_required");
    }

    [Fact]
    public async Task A_logout_never_redirects_to_an_address_that_is_not_the_clients()
    {
        using Browser browser = Open();

        using HttpResponseMessage answer = await browser.Http.GetAsync($"{IdentityFixture.Protocol}/logout?client_id=booksaga-web&post_logout_redirect_uri=http://evil.example/");

        answer.Headers.Location.ShouldBeNull();
    }

    internal static string AuthorizeUrl(string parameter = "", string value = "")
    {
        var query = new Dictionary<string, string>
        {
            ["client_id"] = "booksaga-web",
            ["redirect_uri"] = Callback,
            ["response_type"] = "code",
            ["scope"] = "openid profile email",
            ["state"] = "the state",
            ["nonce"] = "the nonce",
            ["code_challenge"] = Base64UrlEncoder.Encode(SHA256.HashData(Encoding.ASCII.GetBytes(Verifier))),
            ["code_challenge_method"] = "S256",
        };
        if (parameter.Length > 0)
        {
            query[parameter] = value;
        }
        return IdentityFixture.Protocol + "/auth?" + string.Join('&', query.Where(p => p.Value.Length > 0).Select(p => $"{p.Key}={Uri.EscapeDataString(p.Value)}"));
    }

    internal static string? Query(Uri uri, string name) => System.Web.HttpUtility.ParseQueryString(uri.Query)[name];

    private Task<HttpResponseMessage> RedeemAsync(Uri back, string verifier = Verifier) => fixture.TokenAsync(
        "booksaga-web", ("grant_type", "authorization_code"), ("code", Query(back, "code")!), ("redirect_uri", Callback), ("code_verifier", verifier));

    private Browser Open() => new(fixture.Identity.BaseAddress!);

    private async Task<Browser> SignedInAsync()
    {
        string email = IdentityFixture.NewEmail();
        await fixture.RegisterAsync(email);
        Browser browser = Open();
        await browser.SignInAsync(AuthorizeUrl(), email, IdentityFixture.Password);
        return browser;
    }
}
