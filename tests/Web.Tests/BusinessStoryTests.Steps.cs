using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace BookSaga.Web.Tests;

public sealed partial class BusinessStoryTests
{
    private static async Task PostAWeekAsync(Visit visit)
    {
        IPage page = visit.Page;
        await visit.CheckAsync("business-weekly");
        await page.SelectOptionAsync("[name=service_id]", "8");
        await page.FillAsync("[name=price]", "2400,50");
        await page.UncheckAsync("[name=days][value=monday]");
        await page.CheckAsync("[name=mode][value=times]");
        await page.FillAsync("[name=times]", "10:00, полдень");
        await page.ClickAsync("[name=do][value=preview]");
        await Expect(page.Locator("#weekly-times-error")).ToContainTextAsync("полдень");
        await Expect(page.Locator("[name=price]")).ToHaveValueAsync("2400,50");
        await Expect(page.Locator("[name=days][value=monday]")).Not.ToBeCheckedAsync();
        await visit.CheckAsync("business-weekly-wrong");
        await page.FillAsync("[name=times]", "10:00, 12.30");
        await page.ClickAsync("[name=do][value=preview]");
        await Expect(page.Locator("#preview")).ToContainTextAsync("32"); // four weeks of four days with two times
        await visit.CheckAsync("business-weekly-preview");

        await page.FillAsync("[name=times]", "10:00");
        await page.ClickAsync("[name=do][value=create]"); // not what was shown
        await Expect(page.Locator("[role=alert]")).ToBeVisibleAsync();
        await Expect(page.Locator("#preview")).ToContainTextAsync("16");
        await page.ClickAsync("[name=do][value=create]");
        await Expect(page.Locator("#created")).ToContainTextAsync("16");
        await visit.CheckAsync("business-weekly-report");
    }

    private static async Task RunTeamAsync(Visit visit, Person assistant)
    {
        IPage page = visit.Page;
        await Expect(page.Locator(".people .button")).ToHaveCountAsync(0); // the last admin
        await InviteAsync("nobody@@example");
        await Expect(page.Locator("#invite-email-error")).ToBeVisibleAsync();
        await Expect(page.Locator("[name=email]")).ToHaveValueAsync("nobody@@example");
        await InviteAsync(assistant.Email);
        await Expect(page.Locator(".people li")).ToHaveCountAsync(2);
        await InviteAsync($"later.{Guid.NewGuid():N}@example.com");
        await Expect(page.Locator(".people .badge.live")).ToHaveCountAsync(1);
        await visit.CheckAsync("business-team");

        await page.ClickAsync("[name=promote] >> nth=0");
        await Expect(page.Locator("[name=demote]")).ToHaveCountAsync(2);
        await page.ClickAsync("[name=demote] >> nth=1");
        await Expect(page.Locator("[name=demote]")).ToHaveCountAsync(0);
        await page.ClickAsync(".people a[href$='/remove'] >> nth=0");
        await visit.CheckAsync("business-team-remove");
        await page.ClickAsync(".button.danger");
        await Expect(page.Locator(".people li")).ToHaveCountAsync(2);

        async Task InviteAsync(string email)
        {
            await page.EvalOnSelectorAsync("form.invite", "form => form.noValidate = true");
            await page.FillAsync("[name=email]", email);
            await page.ClickAsync("form.invite .button");
        }
    }

    private static async Task RunWebhooksAsync(Visit visit, long company)
    {
        IPage page = visit.Page;
        await visit.OpenAsync($"/business/{company}/webhooks");
        await page.FillAsync("[name=url]", "http://192.168.0.7/hooks");
        await page.ClickAsync("main form .button");
        await Expect(page.Locator("#new-webhook-url-error")).ToBeVisibleAsync();
        await Expect(page.Locator("[name=url]")).ToHaveValueAsync("http://192.168.0.7/hooks");
        await visit.CheckAsync("business-webhooks");
        await page.FillAsync("[name=url]", "https://hooks.example.com/booksaga/a-rather-long-path-that-somebody-has-chosen");
        await page.ClickAsync("main form .button");
        await Expect(page.Locator(".secret code")).ToContainTextAsync("whsec_");
        await visit.CheckAsync("business-webhook-secret");
        await page.ReloadAsync();
        await Expect(page.Locator(".secret")).ToHaveCountAsync(0);

        await page.ClickAsync("form:has([value=test]) .button");
        await Expect(page.Locator(".alert.good")).ToBeVisibleAsync();
        await page.ReloadAsync();
        await Expect(page.Locator(".log").First).ToBeVisibleAsync();
        await visit.CheckAsync("business-webhook");
        await page.ClickAsync("form:has([value=rotate]) .button");
        await Expect(page.Locator(".secret code")).ToContainTextAsync("whsec_");
        await page.ClickAsync("form:has([value=switch]) .button");
        await page.ClickAsync("form:has([value=test]) .button");
        await Expect(page.Locator("[role=alert]")).ToBeVisibleAsync(); // it is off
        await page.ClickAsync("form:has([value=switch]) .button");
        await page.ClickAsync("details:has([value=replay]) summary");
        await page.ClickAsync("details:has([value=replay]) .button");
        await Expect(page.Locator(".alert.good")).ToBeVisibleAsync();
        await page.ClickAsync("a[href$='/remove']");
        await visit.CheckAsync("business-webhook-remove");
        await page.ClickAsync(".button.danger");
        await Expect(page.Locator(".log")).ToHaveCountAsync(0);
    }

    private static async Task RunSettingsAsync(Visit visit, long company)
    {
        IPage page = visit.Page;
        await visit.OpenAsync($"/business/{company}/settings");
        await page.FillAsync("[name=refundable_hours]", "сутки");
        await page.FillAsync("[name=phone]", "+7 495 111-11-11");
        await page.ClickAsync("form:has([name=refundable_hours]) .button");
        await Expect(page.Locator("#details-refundable_hours-error")).ToBeVisibleAsync();
        await Expect(page.Locator("[name=phone]")).ToHaveValueAsync("+7 495 111-11-11");
        await page.FillAsync("[name=refundable_hours]", "48");
        await page.ClickAsync("form:has([name=refundable_hours]) .button");
        await Expect(page.Locator(".alert.good")).ToBeVisibleAsync();
        await Expect(page.Locator("[name=refundable_hours]")).ToHaveValueAsync("48");
        await visit.CheckAsync("business-settings");
        await page.ClickAsync("[name=set]");
        await Expect(page.Locator("[name=set]")).ToHaveAttributeAsync("value", "activate");
        await visit.CheckAsync("business-hidden");
        await page.ClickAsync("[name=set]");
        await Expect(page.Locator("[name=set]")).ToHaveAttributeAsync("value", "deactivate");
        await page.ClickAsync(".switch summary");
        await visit.CheckAsync("business-switch");
        await visit.OpenAsync("/business");
        await visit.CheckAsync("business-companies");
    }

    private static async Task ReadMailAsync(Visit visit, long company)
    {
        IPage page = visit.Page;
        await visit.OpenAsync($"/business/{company}/mail");
        await Expect(page.Locator(".log .badge.good")).ToBeVisibleAsync();
        await page.ClickAsync(".log summary");
        await visit.CheckAsync("business-mail");
        await page.ClickAsync(".log .button");
        await Expect(page.Locator(".alert.good")).ToBeVisibleAsync();
    }
}
