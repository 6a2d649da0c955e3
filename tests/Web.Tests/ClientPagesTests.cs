using System.Text.RegularExpressions;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace BookSaga.Web.Tests;

/// <summary>Every page that a client has, looked at on both screens and in both languages.</summary>
[Collection("browser")] // one at a time: they share one machine's two cores with a browser
public sealed partial class ClientPagesTests(Site site)
{
    [Theory]
    [InlineData(Screen.Phone, "ru")]
    [InlineData(Screen.Desktop, "en")]
    public async Task The_clients_pages_are_accessible(Screen screen, string language)
    {
        Person client = await site.Seed.PersonAsync("Марина", "Иванова", 9000m);
        (Guid ahead, Guid cancelled) = await HistoryAsync(client);
        await using Visit visit = await site.VisitAsync(screen, language);
        await visit.OpenAsync($"/companies/{site.Company}");
        await visit.CheckAsync("company");
        await visit.OpenAsync($"/companies/{site.Company}?service_id=8");
        await visit.CheckAsync("company-service");
        await visit.OpenAsync("/companies/999999999");
        await visit.CheckAsync("company-gone");
        await visit.SignInAsync(client, "/bookings");

        foreach ((string path, string name) in ((string, string)[])
        [
            ("/bookings", "bookings"), ("/bookings?when=past", "bookings-past"), ("/bookings?when=past&status=completed", "bookings-none"),
            ($"/bookings/{ahead}", "booking-ahead"), ($"/bookings/{ahead}/cancel", "booking-cancel"), ($"/bookings/{ahead}/receipt", "receipt"),
            ($"/bookings/{cancelled}", "booking-cancelled"), ($"/bookings/{cancelled}/cancel", "booking-cancel-not"), ($"/bookings/{cancelled}/receipt", "receipt-refunded"),
            ($"/bookings/{Guid.NewGuid()}", "booking-none"), ("/wallet", "wallet"), ("/account", "account"), ("/account/phone", "account-phone"),
            ("/account/delete", "account-delete"), ("/account-deleted", "account-deleted"),
        ])
        {
            await visit.OpenAsync(path);
            visit.Page.Url.ShouldBe(site.Url + path);
            await visit.CheckAsync(name);
        }
    }

    [Fact]
    public async Task Who_has_nothing_yet_is_told_what_to_do()
    {
        Person client = await site.Seed.PersonAsync("Nora", "New");
        await using Visit visit = await site.VisitAsync(Screen.Phone, "en", dark: true);
        await visit.SignInAsync(client, "/bookings");
        await Expect(visit.Page.Locator(".empty .button")).ToBeVisibleAsync();
        await visit.CheckAsync("bookings-empty");

        await visit.OpenAsync("/wallet");
        await visit.CheckAsync("wallet-none");
        await visit.Page.ClickAsync("main form .button");
        await Expect(visit.Page.Locator("#balance data")).ToHaveAttributeAsync("value", "0");
        await visit.CheckAsync("wallet-empty");
    }

    [Fact]
    public async Task A_company_shows_its_free_times_by_day_and_service()
    {
        long company = await site.Seed.CompanyAsync(site.Owner, "Two Chairs", "Москва, Арбат, 1", 55.75, 37.59, description: "Two chairs, good coffee.");
        long cut = await site.Seed.OfferAsync(site.Owner, company, 7, 100m, 2, 9);
        await site.Seed.OfferAsync(site.Owner, company, 8, 200m, 3, 9);
        await using Visit visit = await site.VisitAsync();
        IPage page = visit.Page;

        await visit.OpenAsync($"/companies/{company}");
        await Expect(page.Locator("h1")).ToHaveTextAsync("Two Chairs");
        await Expect(page.Locator(".free")).ToHaveCountAsync(2);
        await page.Locator("a[href*='day=']").Last.ClickAsync();
        await Expect(page.Locator(".free .slot")).ToHaveCountAsync(1);
        await visit.OpenAsync($"/companies/{company}");
        await page.ClickAsync("a[href*='service_id=7']");
        await Expect(page.Locator(".free .slot")).ToHaveCountAsync(1);
        await page.ClickAsync(".free .slot");

        await Expect(page).ToHaveURLAsync($"{site.Url}/offers/{cut}");
        await site.Seed.SendAsync(site.Owner, $"/company/{company}/deactivate", null, 200);
        await visit.OpenAsync($"/companies/{company}");
        await Expect(page.Locator(".free")).ToHaveCountAsync(0);
        await visit.CheckAsync("company-inactive");
    }

    [Fact]
    public async Task An_empty_search_suggests_the_nearest_days_and_leads_to_their_times()
    {
        await using Visit visit = await site.VisitAsync(scripts: false);
        IPage page = visit.Page;
        string far = DateTime.UtcNow.AddDays(40).ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture);
        await visit.OpenAsync($"/?service_id=31&from={far}&to={far}");
        await Expect(page.Locator(".empty .slot").First).ToBeVisibleAsync();

        await page.Locator(".empty .slot").First.ClickAsync();

        await Expect(page.Locator(".card.offer").First).ToBeVisibleAsync();
        await Expect(page).ToHaveURLAsync(SearchOfYoga());
    }

    [Fact]
    public async Task Nobody_sees_the_booking_or_the_receipt_of_another()
    {
        Person client = await site.Seed.PersonAsync("Max", "Private", 100m);
        Guid booking = await site.Seed.BookAsync(client, await site.Seed.OfferAsync(site.Owner, site.Company, 7, 10m, 5, 9));
        Person other = await site.Seed.PersonAsync("Eva", "Curious");
        await using Visit visit = await site.VisitAsync();
        await visit.SignInAsync(other);

        foreach (string path in (string[])["", "/cancel", "/receipt", "/receipt.json", "/calendar.ics"])
        {
            (await visit.OpenAsync($"/bookings/{booking}{path}")).Status.ShouldBe(404, path);
        }
    }

    // One ahead, one cancelled, one that another client was quicker for.
    private async Task<(Guid Ahead, Guid Cancelled)> HistoryAsync(Person client)
    {
        long lost = await site.Seed.OfferAsync(site.Owner, site.Company, 8, 2400.50m, 6, 10);
        await site.Seed.BookAsync(await site.Seed.PersonAsync("Anna", "Quicker", 5000m), lost);
        await site.Seed.SendAsync(client, $"/customer/offer/{lost}/book", null, 409);
        Guid ahead = await site.Seed.BookAsync(client, await site.Seed.OfferAsync(site.Owner, site.Company, 7, 1500m, 6, 11));
        Guid cancelled = await site.Seed.BookAsync(client, await site.Seed.OfferAsync(site.Owner, site.Company, 7, 1500m, 6, 12));
        await site.Seed.SendAsync(client, $"/customer/bookings/{cancelled}/cancel", new { reason = "Заболела" }, 200);
        return (ahead, cancelled);
    }

    [GeneratedRegex(@"service_id=31&from=\d{4}-\d\d-\d\d&to=\d{4}-\d\d-\d\d$")]
    private static partial Regex SearchOfYoga();
}
