using System.Text.RegularExpressions;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace BookSaga.Web.Tests;

/// <summary>What a business does, from its first minute, in a real browser against real services.</summary>
[Collection("browser")] // one at a time: they share one machine's two cores with a browser
public sealed partial class BusinessStoryTests(Site site)
{
    [Theory]
    [InlineData(Screen.Phone, "ru")]
    [InlineData(Screen.Desktop, "en")]
    public async Task A_new_business_is_led_to_its_first_offers(Screen screen, string language)
    {
        Person owner = await site.Seed.PersonAsync("Zoya", "Founder");
        await using Visit visit = await site.VisitAsync(screen, language);
        IPage page = visit.Page;
        await visit.OpenAsync("/business");
        await visit.CheckAsync("business-visitor");
        await visit.SignInAsync(owner, "/business");
        await visit.CheckAsync("business-home");
        await page.ClickAsync("main a[href='/business/new']");
        await visit.CheckAsync("business-new");

        await FoundAsync(page, "Салон «Прядь»");
        await Expect(page).ToHaveURLAsync(StartAddress());
        await visit.CheckAsync("business-place");
        await page.FillAsync("[name=location]", "где-то в центре");
        await page.ClickAsync("main form .button:not(.quiet)");
        await Expect(page.Locator("#place-location-error")).ToBeVisibleAsync();
        await Expect(page.Locator("[name=location]")).ToHaveValueAsync("где-то в центре");
        await page.FillAsync("[name=location]", "https://www.openstreetmap.org/#map=16/55.7570/37.6210");
        await page.ClickAsync("main form .button:not(.quiet)");
        await Expect(page.Locator(".choices-two")).ToBeVisibleAsync();
        await visit.CheckAsync("business-first-offers");
        await page.ClickAsync(".choices-two a >> nth=0");
        await PostAWeekAsync(visit);

        await page.ClickAsync("main .row .button:not(.quiet)"); // open in the calendar
        await Expect(page.Locator(".week .entry.open").First).ToBeVisibleAsync();
        await visit.CheckAsync("business-week");
        await page.ClickAsync(".week li:has(.entry) h3 a >> nth=0");
        await Expect(page.Locator(".day .slot-row").First).ToBeVisibleAsync();
        await visit.CheckAsync("business-day");
        await page.ClickAsync("a[rel=next]");
        await page.ClickAsync("a[rel=prev]");
        await Expect(page.Locator(".day .slot-row").First).ToBeVisibleAsync();
    }

    [Theory]
    [InlineData(Screen.Phone, "ru")]
    [InlineData(Screen.Desktop, "en")]
    public async Task A_booking_is_seen_cancelled_with_a_reason_and_the_client_has_the_money_back(Screen screen, string language)
    {
        (Person owner, long company) = await NewCompanyAsync();
        long offer = await site.Seed.OfferAsync(owner, company, 7, 1500m, 3, 9, "Мастер Анна, один час.");
        long sold = await site.Seed.OfferAsync(owner, company, 8, 2400.50m, 3, 10);
        await site.Seed.OfferAsync(owner, company, 9, 900m, 3, 11);
        Person client = await site.Seed.PersonAsync("Клара", "О'Нил", 5000m);
        await site.Seed.SendAsync(client, $"/customer/offer/{offer}/book", null, 200);
        await site.Seed.SendAsync(client, $"/customer/offer/{sold}/book", null, 200);
        await using Visit visit = await site.VisitAsync(screen, language);
        IPage page = visit.Page;

        await visit.SignInAsync(owner, $"/business/{company}/bookings");
        await Expect(page.Locator("tbody tr")).ToHaveCountAsync(2);
        await Expect(page.Locator($"a[href='mailto:{client.Email}']")).ToHaveCountAsync(2);
        await visit.CheckAsync("business-bookings");
        await visit.OpenAsync($"/business/{company}/offers/{offer}");
        await visit.CheckAsync("business-offer");
        await page.ClickAsync("a[href$='/cancel']");
        await Expect(page.Locator(".sums .total data")).ToHaveAttributeAsync("value", "1500");
        await visit.CheckAsync("business-cancel");
        await page.FillAsync("[name=reason]", "Мастер заболел, извините.");
        await page.ClickAsync(".button.danger");

        await Expect(page.Locator(".badge.bad")).ToBeVisibleAsync();
        await Expect(page.Locator("q")).ToHaveTextAsync("Мастер заболел, извините.");
        await visit.CheckAsync("business-cancelled");
        (await site.Seed.GetAsync(client, "/customer/payment/balance")).GetProperty("balance").GetDecimal().ShouldBe(2599.50m);
        for (int day = 1; day <= 12; day++)
        {
            await site.Seed.OfferAsync(owner, company, 7 + (day % 3), 1500m, day, 7 + (day % 2), minute: 0);
            await site.Seed.OfferAsync(owner, company, 8, 2400.50m, day, 11 + (day % 4), minute: 30);
        }
        await visit.OpenAsync($"/business/{company}?view=week&day={DateTime.UtcNow.AddDays(3):yyyy-MM-dd}");
        await Expect(page.Locator(".entry.canceled_by_company")).ToBeVisibleAsync();
        await visit.CheckAsync("business-week-sold");
        await visit.OpenAsync($"/business/{company}/bookings?when=past");
        await visit.CheckAsync("business-bookings-past");
        await visit.OpenAsync($"/business/{company}/bookings?when=cancelled");
        await Expect(page.Locator("tbody tr")).ToHaveCountAsync(1);

        await visit.OpenAsync($"/business/{company}/money");
        await Expect(page.Locator(".figures .total data")).ToHaveAttributeAsync("value", Earned());
        await Expect(page.Locator("tbody tr")).ToHaveCountAsync(3);
        await visit.CheckAsync("business-money");
        IDownload file = await page.RunAndWaitForDownloadAsync(() => page.ClickAsync(".file .button"));
        (await File.ReadAllLinesAsync(await file.PathAsync())).Length.ShouldBe(4); // its heading, two payments, a refund
        file.SuggestedFilename.ShouldEndWith(".csv");
    }

    [Theory]
    [InlineData(Screen.Phone, "ru")]
    [InlineData(Screen.Desktop, "en")]
    public async Task Team_mail_webhooks_and_settings_are_run_from_their_pages(Screen screen, string language)
    {
        (Person owner, long company) = await NewCompanyAsync();
        long offer = await site.Seed.OfferAsync(owner, company, 7, 1500m, 3, 9);
        Person client = await site.Seed.PersonAsync("Clara", "Reed", 5000m);
        await site.Seed.SendAsync(client, $"/customer/offer/{offer}/book", null, 200);
        await using Visit visit = await site.VisitAsync(screen, language);
        await visit.SignInAsync(owner, $"/business/{company}/team");
        await RunTeamAsync(visit, await site.Seed.PersonAsync("Maria", "Assistant"));
        await RunWebhooksAsync(visit, company);
        await RunSettingsAsync(visit, company);
        await ReadMailAsync(visit, company);
    }

    [Fact]
    public async Task The_next_time_of_a_kind_is_offered_also_after_a_description_that_no_address_carries()
    {
        await using Visit visit = await site.VisitAsync();
        IPage page = visit.Page;
        await visit.SignInAsync(site.Owner, $"/business/{site.Company}/offers/new");
        await page.SelectOptionAsync("[name=service_id]", "7");
        await page.FillAsync("[name=date]", "2031-05-06");
        await page.FillAsync("[name=time]", "10:00");
        await page.FillAsync("[name=price]", "1500");
        await page.FillAsync("[name=description]", new string('щ', 2000));
        await page.ClickAsync("[name=then][value=another]");
        await Expect(page.Locator("main p a[href*='/offers/']").First).ToBeVisibleAsync();
        await Expect(page.Locator("[name=price]")).ToHaveValueAsync("1500");
    }

    [Fact]
    public async Task A_manager_who_is_no_admin_sees_the_work_and_is_told_kindly_about_the_rest()
    {
        (Person owner, long company) = await NewCompanyAsync();
        Person manager = await site.Seed.PersonAsync("Pavel", "Helper");
        await site.Seed.SendAsync(owner, $"/company/{company}/managers", new { email = manager.Email, role = "manager" }, 201);
        await using Visit visit = await site.VisitAsync();

        await visit.SignInAsync(manager, $"/business/{company}");

        await Expect(visit.Page.Locator(".tabs a")).ToHaveCountAsync(4);
        (await visit.OpenAsync($"/business/{company}/team")).Status.ShouldBe(403);
        await visit.CheckAsync("business-admins-only");
        (await visit.OpenAsync($"/business/{site.Company}")).Status.ShouldBe(404);
        await visit.CheckAsync("business-not-mine");
        (await visit.OpenAsync($"/business/{site.Company}/money.csv")).Url.ShouldContain("file=refused");
    }

    private async Task<(Person Owner, long Company)> NewCompanyAsync()
    {
        Person owner = await site.Seed.PersonAsync("Boris", "Owner");
        await site.Seed.CompanyAsync(owner, "Студия на Пятницкой", "Москва, Пятницкая улица, 3", 55.7440, 37.6270);
        return (owner, await site.Seed.CompanyAsync(owner, "Барбершоп с очень длинным названием на Никольской", "Москва, Никольская улица, 10", 55.7570, 37.6210));
    }

    private static async Task FoundAsync(IPage page, string name)
    {
        await page.EvalOnSelectorAsync("main form", "form => form.noValidate = true");
        await page.FillAsync("[name=address]", "Москва, улица Покровка, 12");
        await page.FillAsync("[name=email]", "не почта");
        await page.ClickAsync("main form .button");
        await Expect(page.Locator("#new-company-name-error")).ToBeVisibleAsync();
        await Expect(page.Locator("#new-company-phone-error")).ToBeVisibleAsync();
        await Expect(page.Locator("[name=address]")).ToHaveValueAsync("Москва, улица Покровка, 12");
        await page.EvalOnSelectorAsync("main form", "form => form.noValidate = true");
        await page.FillAsync("[name=name]", name);
        await page.FillAsync("[name=phone]", "+7 495 000-00-00");
        await page.ClickAsync("main form .button");
        await Expect(page.Locator("#new-company-email-error")).ToBeVisibleAsync();
        await page.FillAsync("[name=email]", "hello@example.com");
        await page.ClickAsync("main form .button");
    }

    [GeneratedRegex(@"/business/\d+/start$")]
    private static partial Regex StartAddress();

    [GeneratedRegex(@"^2400\.50?$")]
    private static partial Regex Earned();
}
