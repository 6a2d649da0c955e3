using System.Diagnostics;
using BookSaga.Launcher;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace BookSaga.Web.Tests;

/// <summary>A client's money, from opening the account to the receipt of the refund.</summary>
[Collection("browser")] // one at a time: they share one machine's two cores with a browser
public sealed class ClientMoneyTests(Site site)
{
    [Theory]
    [InlineData(Screen.Phone, "ru", true)]
    [InlineData(Screen.Desktop, "en", true)]
    [InlineData(Screen.Phone, "en", false)]
    public async Task A_client_tops_up_books_keeps_the_receipt_and_cancels_for_the_refund_that_was_shown(Screen screen, string language, bool scripts)
    {
        long company = await site.Seed.CompanyAsync(site.Owner, "Story Salon", "Москва, Покровка, 3", 55.75, 37.59);
        await site.Seed.OfferAsync(site.Owner, company, 7, 750.50m, 4, 12);
        Person client = await site.Seed.PersonAsync("Lena", "Story");
        await using Visit visit = await site.VisitAsync(screen, language, scripts);
        IPage page = visit.Page;
        await visit.SignInAsync(client, "/wallet");
        await page.ClickAsync("main form .button"); // opens the account
        await page.FillAsync("[name=amount]", "1 000,50");
        await page.ClickAsync("form:has([name=amount]) .button");
        await Expect(page.Locator("#balance data")).ToHaveAttributeAsync("value", "1000.5");

        await visit.OpenAsync($"/companies/{company}");
        await page.ClickAsync(".free .slot");
        await page.ClickAsync(".ticket .button.wide");
        await Expect(page.Locator(".outcome.paid")).ToBeVisibleAsync();
        await Expect(page.Locator("a[href$='/receipt']")).ToBeVisibleAsync();
        string booking = page.Url.Split('/')[^1];
        await visit.OpenAsync("/bookings");
        await page.ClickAsync($".bookings a[href$='{booking}']");
        await page.ClickAsync("a[href$='/receipt']");
        await Expect(page.Locator("#total data")).ToHaveAttributeAsync("value", "750.5");
        await Expect(page.Locator(".proof .alert.good")).ToBeVisibleAsync();
        await visit.OpenAsync($"/bookings/{booking}");
        await page.ClickAsync("a[href$='/cancel']");
        await Expect(page.Locator("#refund data")).ToHaveAttributeAsync("value", "750.5");
        await Expect(page.Locator("#after data")).ToHaveAttributeAsync("value", "1000.5");
        await page.FillAsync("[name=reason]", "Заболела, простите");
        await page.ClickAsync("main form .button.danger");

        await Expect(page).ToHaveURLAsync($"{site.Url}/bookings/{booking}");
        await Expect(page.Locator(".outcome.cancelled")).ToBeVisibleAsync();
        await Expect(page.Locator("#balance data")).ToHaveAttributeAsync("value", "1000.5");
        await visit.OpenAsync("/wallet");
        await Expect(page.Locator("#balance data")).ToHaveAttributeAsync("value", "1000.5");
        await Expect(page.Locator("#statement tbody tr")).ToHaveCountAsync(3);
        await visit.OpenAsync($"/bookings/{booking}/receipt");
        await Expect(page.Locator("#total data")).ToHaveAttributeAsync("value", "0");
        (await site.Seed.GetAsync(client, "/customer/payment/balance")).GetProperty("balance").GetDecimal().ShouldBe(1000.50m);
    }

    [Fact]
    public async Task After_the_deadline_the_page_says_before_that_nothing_comes_back()
    {
        long strict = await site.Seed.CompanyAsync(site.Owner, "Strict Clinic", "Москва, Тверская, 1", 55.75, 37.59, refundableHours: 8000);
        Person client = await site.Seed.PersonAsync("Karl", "Late", 50m);
        Guid booking = await site.Seed.BookAsync(client, await site.Seed.OfferAsync(site.Owner, strict, 15, 40m, 4, 12));
        await using Visit visit = await site.VisitAsync();
        IPage page = visit.Page;
        await visit.SignInAsync(client, $"/bookings/{booking}/cancel");
        await Expect(page.Locator("#refund data")).ToHaveAttributeAsync("value", "0");
        await Expect(page.Locator("#after data")).ToHaveAttributeAsync("value", "10");
        await visit.CheckAsync("booking-cancel-late");

        await page.ClickAsync("main form .button.danger");

        await Expect(page.Locator(".outcome.cancelled")).ToBeVisibleAsync();
        await Expect(page.Locator("#balance data")).ToHaveAttributeAsync("value", "10");
        // From the payment on, the money is with the company.
        await Expect(page.Locator(".timeline li.done .lane.none_moved")).ToHaveCountAsync(2);
        await visit.CheckAsync("booking-cancelled-late");
        (await site.Seed.GetAsync(client, "/customer/payment/balance")).GetProperty("balance").GetDecimal().ShouldBe(10m);
    }

    [Fact]
    public async Task A_refund_that_is_not_the_one_shown_is_asked_about_again()
    {
        Person client = await site.Seed.PersonAsync("Rita", "Reader", 50m);
        Guid booking = await site.Seed.BookAsync(client, await site.Seed.OfferAsync(site.Owner, site.Company, 7, 40m, 4, 17));
        await using Visit visit = await site.VisitAsync();
        IPage page = visit.Page;
        await visit.SignInAsync(client, $"/bookings/{booking}/cancel");
        await page.FillAsync("[name=reason]", "Не смогу");
        await page.EvalOnSelectorAsync("[name=refund]", "field => field.value = '39'");

        await page.ClickAsync("main form .button.danger");

        await Expect(page.Locator("[role=alert]")).ToContainTextAsync("Nothing has been cancelled");
        await Expect(page.Locator("[name=reason]")).ToHaveValueAsync("Не смогу");
        (await site.Seed.GetAsync(client, $"/customer/bookings/{booking}")).GetProperty("status").GetString().ShouldBe("paid");
        await page.ClickAsync("main form .button.danger");
        await Expect(page.Locator(".outcome.cancelled")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task The_receipt_is_found_valid_by_the_program_beside_it_and_a_changed_one_is_not()
    {
        Person client = await site.Seed.PersonAsync("Pavel", "Doubter", 50m);
        Guid booking = await site.Seed.BookAsync(client, await site.Seed.OfferAsync(site.Owner, site.Company, 7, 12.34m, 4, 18));
        await using Visit visit = await site.VisitAsync();
        await visit.SignInAsync(client, $"/bookings/{booking}/receipt");
        string receipt = await DownloadAsync(visit.Page, "a[href$='receipt.json']", $"receipt-{booking}.json");
        string program = await DownloadAsync(visit.Page, "a[href*='verify-receipt']", "verify-receipt.py");

        (await PythonAsync(program, receipt)).ShouldBe("valid");
        string text = await File.ReadAllTextAsync(receipt);
        Pages.Client.ReceiptProof.Holds(Contracts.Json.Read<Pages.Client.Receipt>(text)).ShouldBeTrue();
        foreach ((string right, string wrong) in ((string, string)[])[("\"amount\":12.34", "\"amount\":12.43"), ("amount=1234", "amount=1243"), ("\"index\":0", "\"index\":1"), ("\"number\":", "\"number\":1")])
        {
            string changed = text.Replace(right, wrong, StringComparison.Ordinal);
            Pages.Client.ReceiptProof.Holds(Contracts.Json.Read<Pages.Client.Receipt>(changed)).ShouldBe(changed == text, wrong);
        }
    }

    [Fact]
    public async Task The_calendar_file_has_the_mails_uid_and_takes_a_cancelled_appointment_out()
    {
        Person client = await site.Seed.PersonAsync("Tim", "Punctual", 50m);
        Guid booking = await site.Seed.BookAsync(client, await site.Seed.OfferAsync(site.Owner, site.Company, 7, 10m, 4, 19));
        await using Visit visit = await site.VisitAsync(Screen.Phone);
        await visit.SignInAsync(client, $"/bookings/{booking}");
        string file = Unfolded(await File.ReadAllTextAsync(await DownloadAsync(visit.Page, "a[href$='calendar.ics']", "booking.ics")));

        file.ShouldContain($"UID:{booking}@localhost");
        file.ShouldContain("METHOD:PUBLISH");
        file.ShouldContain("SEQUENCE:0");
        file.ShouldContain("STATUS:CONFIRMED");
        file.ShouldContain($"{site.Url}/bookings/{booking}");
        await site.Seed.SendAsync(client, $"/customer/bookings/{booking}/cancel", null, 200);
        IAPIResponse after = await visit.Page.APIRequest.GetAsync($"{site.Url}/bookings/{booking}/calendar.ics");
        string cancelled = Unfolded(await after.TextAsync());
        cancelled.ShouldContain($"UID:{booking}@localhost");
        cancelled.ShouldContain("SEQUENCE:1");
        cancelled.ShouldContain("STATUS:CANCELLED");
    }

    private static string Unfolded(string calendar) => calendar.Replace("\r\n ", "", StringComparison.Ordinal).Replace("\n ", "", StringComparison.Ordinal);

    private static async Task<string> DownloadAsync(IPage page, string link, string name)
    {
        IDownload download = await page.RunAndWaitForDownloadAsync(() => page.ClickAsync(link));
        download.SuggestedFilename.ShouldBe(name);
        return (await download.PathAsync())!;
    }

    private static async Task<string> PythonAsync(string program, string receipt)
    {
        using Process python = Process.Start(new ProcessStartInfo("python3", [program, receipt]) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = Workspace.Root })!;
        string output = await python.StandardOutput.ReadToEndAsync() + await python.StandardError.ReadToEndAsync();
        await python.WaitForExitAsync();
        return output.Trim();
    }
}
