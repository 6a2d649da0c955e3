using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace BookSaga.Web.Tests;

/// <summary>Wallet and account: what is typed wrong is said beside it, what is right is kept, and going leaves nothing behind.</summary>
[Collection("browser")] // one at a time: they share one machine's two cores with a browser
public sealed partial class ClientAccountTests(Site site)
{
    [Fact]
    public async Task Bad_input_is_refused_next_to_its_field_and_nothing_typed_is_lost()
    {
        Person client = await site.Seed.PersonAsync("Fyodor", "Typo", 10m);
        await using Visit visit = await site.VisitAsync();
        IPage page = visit.Page;
        await visit.SignInAsync(client, "/wallet");
        await page.FillAsync("[name=amount]", "12,345");
        await page.ClickAsync("form:has([name=amount]) .button");
        await Expect(page.Locator("#top-up-amount-error")).ToBeVisibleAsync();
        await Expect(page.Locator("[name=amount]")).ToHaveValueAsync("12,345");
        await visit.CheckAsync("wallet-wrong");
        await page.FillAsync("[name=amount]", "5000000000");
        await page.ClickAsync("form:has([name=amount]) .button");
        await Expect(page.Locator("#top-up-amount-error")).ToContainTextAsync("billion");

        await visit.OpenAsync("/wallet");
        await page.FillAsync(".period [name=from]", "2026-05-02");
        await page.FillAsync(".period [name=to]", "2026-05-01");
        await page.ClickAsync(".period .button");
        await Expect(page.Locator("#to-error")).ToBeVisibleAsync();
        await Expect(page.Locator("[name=from]")).ToHaveValueAsync("2026-05-02");

        await visit.OpenAsync("/account");
        await page.FillAsync("[name=first_name]", "  ");
        await page.FillAsync("[name=last_name]", "О'Нил");
        await page.FillAsync("[name=location]", "дом");
        await page.UncheckAsync("[name=day_before]");
        await page.ClickAsync("form:has([name=location]) > .button");
        await Expect(page.Locator("#profile-first_name-error")).ToBeVisibleAsync();
        await Expect(page.Locator("#profile-location-error")).ToBeVisibleAsync();
        await Expect(page.Locator("[name=last_name]")).ToHaveValueAsync("О'Нил");
        await Expect(page.Locator("[name=location]")).ToHaveValueAsync("дом");
        await Expect(page.Locator("[name=day_before]")).Not.ToBeCheckedAsync();
        await visit.CheckAsync("account-wrong");

        await visit.OpenAsync("/account/phone");
        await page.FillAsync("[name=phone]", "домашний");
        await page.ClickAsync("main form .button");
        await Expect(page.Locator("#phone-phone-error")).ToBeVisibleAsync();
        await Expect(page.Locator("[name=phone]")).ToHaveValueAsync("домашний");
    }

    [Fact]
    public async Task The_profile_is_saved_and_the_pages_speak_its_language_from_then_on()
    {
        Person client = await site.Seed.PersonAsync("Olga", "Mover");
        await using Visit visit = await site.VisitAsync(Screen.Phone, "ru", scripts: false);
        IPage page = visit.Page;
        await visit.SignInAsync(client, "/account");
        await page.FillAsync("[name=first_name]", "Хельга");
        await page.SelectOptionAsync("[name=locale]", "en");
        await page.SelectOptionAsync("[name=time_zone]", "Asia/Yekaterinburg");
        await page.FillAsync("[name=location]", "56.8389, 60.6057");
        await page.UncheckAsync("[name=hour_before]");
        await page.ClickAsync("form:has([name=location]) > .button");

        await Expect(page.Locator("html")).ToHaveAttributeAsync("lang", "en");
        await Expect(page.Locator(".alert.good")).ToBeVisibleAsync();
        await Expect(page.Locator(".bottom")).ToContainTextAsync("Asia/Yekaterinburg");
        JsonElement profile = await site.Seed.GetAsync(client, "/customer/profile");
        profile.GetProperty("first_name").GetString().ShouldBe("Хельга");
        profile.GetProperty("locale").GetString().ShouldBe("en");
        profile.GetProperty("time_zone").GetString().ShouldBe("Asia/Yekaterinburg");
        profile.GetProperty("location").GetRawText().ShouldBe("[56.8389,60.6057]");
        profile.GetProperty("reminders").GetProperty("day_before").GetBoolean().ShouldBeTrue();
        profile.GetProperty("reminders").GetProperty("hour_before").GetBoolean().ShouldBeFalse();
        await page.FillAsync("[name=location]", "");
        await page.ClickAsync("form:has([name=location]) > .button");
        await Expect(page.Locator("[name=location]")).ToHaveValueAsync("");
        (await site.Seed.GetAsync(client, "/customer/profile")).GetProperty("location").ValueKind.ShouldBe(JsonValueKind.Null);
    }

    [Fact]
    public async Task A_profile_learns_language_and_zone_at_the_first_sign_in_and_brings_them_to_another_browser()
    {
        Person client = await site.Seed.PersonAsync("Ivan", "Traveller");
        await using (Visit first = await site.VisitAsync(Screen.Phone, "ru", chooses: false))
        {
            await first.SignInAsync(client, "/wallet");
            await Expect(first.Page.Locator("html")).ToHaveAttributeAsync("lang", "ru");
        }
        JsonElement profile = await site.Seed.GetAsync(client, "/customer/profile");
        (profile.GetProperty("locale").GetString(), profile.GetProperty("time_zone").GetString(), profile.GetProperty("first_name").GetString()).ShouldBe(("ru", "Europe/Moscow", "Ivan"));

        await site.Seed.SendAsync(client, HttpMethod.Put, "/customer/profile", new { first_name = "Ivan", last_name = "Traveller", time_zone = "Asia/Tokyo" }, 200);
        await using Visit second = await site.VisitAsync(Screen.Desktop, "en", chooses: false);
        await second.SignInAsync(client, "/wallet");
        await Expect(second.Page).ToHaveURLAsync(site.Url + "/wallet");
        await Expect(second.Page.Locator("html")).ToHaveAttributeAsync("lang", "ru");
        await Expect(second.Page.Locator(".bottom")).ToContainTextAsync("Asia/Tokyo");

        await using Visit third = await site.VisitAsync(Screen.Desktop, "en");
        await third.SignInAsync(client, "/wallet");
        await Expect(third.Page.Locator("html")).ToHaveAttributeAsync("lang", "en"); // chosen there
    }

    [Fact]
    public async Task A_phone_is_verified_in_two_steps()
    {
        string phone = $"+7 900 {Random.Shared.Next(100, 999)}-{Random.Shared.Next(10, 99)}-{Random.Shared.Next(10, 99)}";
        Person client = await site.Seed.PersonAsync("Yuri", "Caller");
        await using Visit visit = await site.VisitAsync(Screen.Phone, "ru");
        IPage page = visit.Page;
        await visit.SignInAsync(client, "/account/phone");
        await page.FillAsync("[name=phone]", phone);
        await page.ClickAsync("main form .button");
        await Expect(page.Locator("[name=code]")).ToBeVisibleAsync();
        page.Url.ShouldNotContain("900");
        string message = Directory.EnumerateFiles(site.Messages, "*.txt").Select(File.ReadAllText).Single(m => m.Contains(phone, StringComparison.Ordinal));
        string code = Code().Match(message).Value;

        await page.FillAsync("[name=code]", code == "111111" ? "222222" : "111111");
        await page.ClickAsync("main form .button");
        await Expect(page.Locator("#code-code-error")).ToBeVisibleAsync();
        await visit.CheckAsync("account-code-wrong");
        await page.FillAsync("[name=code]", code);
        await page.ClickAsync("main form .button");

        await Expect(page.Locator("#contact ~ dl")).ToContainTextAsync(phone);
        (await site.Seed.GetAsync(client, "/customer/profile")).GetProperty("phone").GetString().ShouldBe(phone);
    }

    [Fact]
    public async Task A_long_statement_has_pages_and_is_a_file()
    {
        Person client = await site.Seed.PersonAsync("Ada", "Saver", 1m);
        for (int i = 2; i <= 30; i++)
        {
            await site.Seed.SendAsync(client, "/customer/payment/top-up", new { amount = i }, 200);
        }
        await using Visit visit = await site.VisitAsync(scripts: false);
        IPage page = visit.Page;
        await visit.SignInAsync(client, "/wallet");
        await Expect(page.Locator("#statement tbody tr")).ToHaveCountAsync(25);
        await page.ClickAsync(".pager [rel=next]");
        await Expect(page.Locator("#statement tbody tr")).ToHaveCountAsync(5);

        IDownload download = await page.RunAndWaitForDownloadAsync(() => page.ClickAsync(".period .button"));

        string[] lines = await File.ReadAllLinesAsync((await download.PathAsync())!);
        lines[0].ShouldStartWith("id,created_at,type");
        lines.Length.ShouldBe(31);
        lines[^1].ShouldContain("465.00"); // 1 + 2 + … + 30
    }

    [Fact]
    public async Task All_data_is_a_file()
    {
        Person client = await site.Seed.PersonAsync("Dora", "Export", 7m);
        await using Visit visit = await site.VisitAsync();
        await visit.SignInAsync(client, "/account");

        IDownload download = await visit.Page.RunAndWaitForDownloadAsync(() => visit.Page.ClickAsync("a[href$='export.json']"));

        using JsonDocument data = JsonDocument.Parse(await File.ReadAllTextAsync((await download.PathAsync())!));
        data.RootElement.GetProperty("profile").GetProperty("email").GetString().ShouldBe(client.Email);
        data.RootElement.GetProperty("transactions").GetArrayLength().ShouldBe(1);
    }

    [Fact]
    public async Task An_account_is_deleted_when_nothing_is_ahead_and_the_balance_is_given_up()
    {
        Person client = await site.Seed.PersonAsync("Gleb", "Leaver", 50m);
        Guid booking = await site.Seed.BookAsync(client, await site.Seed.OfferAsync(site.Owner, site.Company, 7, 10m, 4, 20));
        await using Visit visit = await site.VisitAsync(Screen.Phone);
        IPage page = visit.Page;
        await visit.SignInAsync(client, "/account/delete");
        await page.FillAsync("[name=confirm]", "someone@example.com");
        await page.ClickAsync("main form .button.danger");
        await Expect(page.Locator("#delete-confirm-error")).ToBeVisibleAsync();
        await Expect(page.Locator("[name=confirm]")).ToHaveValueAsync("someone@example.com");

        await page.FillAsync("[name=confirm]", client.Email);
        await page.ClickAsync("main form .button.danger");
        await Expect(page.Locator("[role=alert]")).ToContainTextAsync("ahead");
        await visit.CheckAsync("account-delete-ahead");
        await site.Seed.SendAsync(client, $"/customer/bookings/{booking}/cancel", null, 200);
        await page.ClickAsync("main form .button.danger");
        await Expect(page.Locator("#give-up-error")).ToBeVisibleAsync();
        await visit.CheckAsync("account-delete-balance");
        await page.CheckAsync("[name=give_up_balance]");
        await page.ClickAsync("main form .button.danger");

        await Expect(page).ToHaveURLAsync(site.Url + "/account-deleted");
        await Expect(page.Locator("form[action='/sign-out']")).ToHaveCountAsync(0);
        await visit.OpenAsync("/account");
        await visit.LoginAsync(client.Email);
        await Expect(page.Locator("#password")).ToBeVisibleAsync();
    }

    [GeneratedRegex("[0-9]{6}(?=\n)")]
    private static partial Regex Code();
}
