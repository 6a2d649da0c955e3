using System.Net;
using System.Text.RegularExpressions;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace BookSaga.Web.Tests;

/// <summary>What holds for pages whoever looks at them.</summary>
[Collection("browser")] // one at a time: they share one machine's two cores with a browser
public sealed class PageTests(Site site)
{
    [Theory]
    [InlineData("/", "search")]
    [InlineData("/?service_id=3&q=врач&from=2026-01-01&price_min=9x", "search-filtered")]
    [InlineData("/?from=2099-01-01&to=2099-01-02", "search-empty")]
    [InlineData("/sign-up", "sign-up")]
    [InlineData("/offers/999999999", "offer-gone")]
    [InlineData("/no/such/page", "not-found")]
    public async Task Public_pages_are_accessible_in_both_themes_on_both_screens(string path, string name)
    {
        foreach (bool dark in (bool[])[false, true])
        {
            await using Visit visit = await site.VisitAsync(dark ? Screen.Phone : Screen.Desktop, dark ? "ru" : "en", dark: dark);
            await visit.OpenAsync(path);
            await visit.CheckAsync(name);
        }
    }

    [Fact]
    public async Task The_first_page_is_below_100_kilobytes()
    {
        await using Visit visit = await site.VisitAsync(Screen.Phone, "ru");
        var sizes = new List<Task<(string Url, int Bytes)>>();
        visit.Page.RequestFinished += (_, request) => sizes.Add(SizeAsync(request));
        await visit.OpenAsync("/");
        await visit.Page.WaitForLoadStateAsync(LoadState.NetworkIdle);

        (string Url, int Bytes)[] transferred = await Task.WhenAll(sizes.ToArray());

        transferred.DistinctBy(t => t.Url).Sum(t => t.Bytes).ShouldBeLessThan(100_000, string.Join('\n', transferred));

        static async Task<(string, int)> SizeAsync(IRequest request)
        {
            RequestSizesResult size = await request.SizesAsync();
            return (request.Url, size.ResponseBodySize + size.ResponseHeadersSize);
        }
    }

    [Fact]
    public async Task Pages_run_no_inline_script_are_kept_by_nobody_and_assets_for_a_year()
    {
        using var http = new HttpClient { BaseAddress = new Uri(site.Url) };
        using HttpResponseMessage page = await http.GetAsync("/");
        string html = await page.Content.ReadAsStringAsync();
        string asset = html.Split("href=\"").First(part => part.StartsWith("/assets/app.", StringComparison.Ordinal)).Split('"')[0];
        using HttpResponseMessage style = await http.GetAsync(asset);

        string policy = page.Headers.GetValues("Content-Security-Policy").Single();
        policy.ShouldStartWith("default-src 'none'; script-src 'self'; style-src 'self';");
        policy.ShouldNotContain("unsafe");
        page.Headers.CacheControl!.NoStore.ShouldBeTrue();
        page.Headers.GetValues("X-Content-Type-Options").Single().ShouldBe("nosniff");
        html.ShouldNotContain(" style=");
        html.ShouldNotContain("onclick");
        style.StatusCode.ShouldBe(HttpStatusCode.OK);
        style.Headers.CacheControl!.MaxAge.ShouldBe(TimeSpan.FromDays(365));
    }

    [Fact]
    public async Task A_browser_whose_time_zone_the_server_does_not_know_is_asked_to_load_a_page_once_more_and_never_again()
    {
        long offer = await site.Seed.OfferAsync(site.Owner, site.Company, 7, 10m, 6, 16);
        await using Visit visit = await site.VisitAsync();
        await visit.Context.ClearCookiesAsync(new() { Name = "zone" });
        await visit.Page.AddInitScriptAsync("""
            const options = Intl.DateTimeFormat.prototype.resolvedOptions;
            Intl.DateTimeFormat.prototype.resolvedOptions = function () { return { ...options.call(this), timeZone: "Mars/Olympus" }; };
            """);
        await visit.OpenAsync($"/offers/{offer}");
        await Until.TrueAsync(async () => Loads() >= 2);
        await Task.Delay(1000, TestContext.Current.CancellationToken);
        Loads().ShouldBe(2);

        int Loads() => visit.Requests.Count(url => url == $"{site.Url}/offers/{offer}");
    }

    [Fact]
    public async Task The_language_is_the_browsers_until_another_is_chosen()
    {
        await using Visit visit = await site.VisitAsync(Screen.Desktop, "ru", scripts: false, chooses: false);
        await visit.OpenAsync("/");
        await Expect(visit.Page.Locator("html")).ToHaveAttributeAsync("lang", "ru");

        await visit.Page.ClickAsync("button[name=lang]");

        await Expect(visit.Page.Locator("html")).ToHaveAttributeAsync("lang", "en");
        await visit.OpenAsync("/sign-up");
        await Expect(visit.Page.Locator("html")).ToHaveAttributeAsync("lang", "en");
    }

    [Fact]
    public async Task The_keyboard_alone_reaches_an_offer()
    {
        await using Visit visit = await site.VisitAsync();
        await visit.OpenAsync("/");
        await visit.Page.Keyboard.PressAsync("Tab");
        await Expect(visit.Page.Locator(".skip")).ToBeFocusedAsync();
        await visit.Page.Locator(".slot").First.FocusAsync();
        await visit.Page.Keyboard.PressAsync("Enter");
        await Expect(visit.Page.Locator(".ticket")).ToBeVisibleAsync();
    }

    [Theory]
    [InlineData("//evil.example/")]
    [InlineData("https://evil.example/")]
    [InlineData("/\\evil.example")]
    public async Task Signing_in_never_leads_to_another_site(string to)
    {
        Person client = await site.Seed.PersonAsync("Petr", "Careful");
        await using Visit visit = await site.VisitAsync();
        await visit.SignInAsync(client, to);
        await Expect(visit.Page).ToHaveURLAsync(site.Url + "/");
    }

    [Fact]
    public async Task Who_signs_up_too_often_from_one_address_holds_up_nobody_elsewhere()
    {
        // Sixty at once and one more each second, so on a slow machine it takes more of them.
        (await SignUpAsync("198.51.100.1", times: 300)).ShouldContain("Too many attempts");
        (await SignUpAsync("198.51.100.2", times: 1)).ShouldNotContain("Too many attempts");
    }

    // What the page says in the end, or when it is too often; the e-mail is no address, so nobody is registered.
    private async Task<string> SignUpAsync(string address, int times)
    {
        using var http = new HttpClient { BaseAddress = new Uri(site.Url) };
        http.DefaultRequestHeaders.Add("X-Forwarded-For", address);
        http.DefaultRequestHeaders.Add("Accept-Language", "en");
        string page = await http.GetStringAsync("/sign-up");
        for (int i = 0; i < times && !page.Contains("Too many attempts", StringComparison.Ordinal); i++)
        {
            MatchCollection hidden = Regex.Matches(page[page.IndexOf("<main", StringComparison.Ordinal)..], "<input type=\"hidden\" name=\"([^\"]+)\" value=\"([^\"]+)\"");
            using var form = new FormUrlEncodedContent([
                .. hidden.DistinctBy(field => field.Groups[1].Value).Select(field => KeyValuePair.Create(field.Groups[1].Value, WebUtility.HtmlDecode(field.Groups[2].Value))),
                new("first_name", "Too"), new("last_name", "Often"), new("email", "nobody"), new("password", "long enough"),
            ]);
            using HttpResponseMessage answer = await http.PostAsync("/sign-up", form);
            page = await answer.Content.ReadAsStringAsync();
        }
        return page;
    }

    [Fact]
    public async Task Robots_and_site_map_name_public_pages()
    {
        using var http = new HttpClient { BaseAddress = new Uri(site.Url) };
        (await http.GetStringAsync("/robots.txt")).ShouldContain($"Sitemap: {site.Url}/sitemap.xml");
        (await http.GetStringAsync("/sitemap.xml")).ShouldContain($"<loc>{site.Url}/offers/");
    }
}
