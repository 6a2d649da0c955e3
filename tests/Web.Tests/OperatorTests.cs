using System.Text.Json;
using BookSaga.Launcher.Processes;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace BookSaga.Web.Tests;

/// <summary>What operators see and do, in a real browser against real services.</summary>
[Collection("browser")] // one at a time: they share one machine's two cores with a browser
public sealed class OperatorTests(Site site)
{
    [Theory]
    [InlineData(Screen.Phone, "ru")]
    [InlineData(Screen.Desktop, "en")]
    public async Task Every_page_is_accessible_on_both_screens_in_both_languages(Screen screen, string language)
    {
        (Person _, Guid paid) = await BookedAsync(10m);
        (Person _, Guid cancelled) = await BookedAsync(20m);
        await site.Seed.SendAsync(site.Operator, $"/operator/sagas/{cancelled}/cancel", new { reason = "Клиент позвонил: заболел" }, 200);
        await using Visit visit = await site.VisitAsync(screen, language, dark: screen == Screen.Phone && language == "en");
        await visit.SignInAsync(site.Operator, "/operator");

        foreach ((string path, string name) in ((string, string)[])
        [
            ("/operator", "transactions"),
            ("/operator?state=paid&min_age_seconds=86400&customer_id=nobody", "transactions-wrong"),
            ($"/operator/sagas/{paid}", "saga-paid"),
            ($"/operator/sagas/{cancelled}", "saga-cancelled"),
            ($"/operator/sagas/{paid}/cancel", "saga-cancel"),
            ($"/operator/sagas/{Guid.NewGuid()}", "saga-none"),
            ("/operator/bulk?action=cancel&state=paid", "bulk"),
            ("/operator/integrity", "integrity"),
            ("/operator/queues", "queues"),
            ("/operator/mails", "mails"),
            ("/operator/journal", "journal"),
        ])
        {
            await visit.OpenAsync(path);
            await visit.CheckAsync("operator-" + name);
        }
    }

    [Fact]
    public async Task Who_is_no_operator_is_told_so_and_a_visitor_signs_in_first()
    {
        await using Visit visit = await site.VisitAsync();
        await visit.OpenAsync("/operator/journal");
        await Expect(visit.Page.Locator("#password")).ToBeVisibleAsync();
        await visit.SignInAsync(await site.Seed.PersonAsync("Curious", "Client"));
        foreach (string path in (string[])["/operator", "/operator/integrity", "/operator/queues", "/operator/mails", "/operator/journal", $"/operator/sagas/{Guid.NewGuid()}", "/operator/bulk?state=live", "/operator/pulse"])
        {
            (await visit.OpenAsync(path)).Status.ShouldBe(403, path);
            await Expect(visit.Page.Locator("h1")).ToHaveTextAsync("Not for this account");
        }
        await visit.CheckAsync("operator-forbidden");
        await Expect(visit.Page.Locator(".places a[href='/operator']")).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task An_operator_cancels_a_paid_booking_with_a_reason_without_scripts_and_reads_it_in_the_journal()
    {
        (Person client, Guid booking) = await BookedAsync(30m);
        string reason = $"asked by phone {booking:N}";
        await using Visit visit = await site.VisitAsync(scripts: false);
        IPage page = visit.Page;
        await visit.SignInAsync(site.Operator, "/operator");
        await page.FillAsync("[name=booking_id]", $"{booking}");
        await page.ClickAsync("form[role=search] .button");
        await page.ClickAsync($".table a[href$='{booking}']");
        await page.ClickAsync(".side .button.wide");
        await page.EvalOnSelectorAsync("main form", "form => form.noValidate = true");
        await page.ClickAsync("main form .button.danger");
        await Expect(page.Locator("#cancel-reason-error")).ToBeVisibleAsync();
        await page.FillAsync("[name=reason]", reason);

        await page.ClickAsync("main form .button.danger");

        await Expect(page.Locator(".alert.good")).ToBeVisibleAsync();
        await EndedAsync(booking, "cancelled");
        await page.ReloadAsync();
        await Expect(page.Locator(".timeline")).ToContainTextAsync("Payment returned");
        await Expect(page.Locator(".timeline")).ToContainTextAsync(reason);
        await page.ClickAsync(".tabs a[href='/operator/journal']");
        await Expect(page.Locator(".table tbody tr").First).ToContainTextAsync(reason);
        (await site.Seed.GetAsync(client, "/customer/payment/balance")).GetProperty("balance").GetDecimal().ShouldBe(30m);
    }

    [Fact]
    public async Task A_reason_that_was_typed_survives_the_end_of_the_session()
    {
        (Person _, Guid booking) = await BookedAsync(5m);
        await using Visit visit = await site.VisitAsync();
        await visit.SignInAsync(site.Operator, $"/operator/sagas/{booking}/cancel");
        await visit.Page.FillAsync("[name=reason]", "typed before the end");
        await visit.Context.ClearCookiesAsync();

        await visit.Page.ClickAsync("main form .button.danger");
        await visit.LoginAsync(site.Operator.Email, site.Operator.Password);

        await Expect(visit.Page.Locator("[name=reason]")).ToHaveValueAsync("typed before the end");
        (await site.Seed.GetAsync(site.Operator, $"/operator/sagas/{booking}")).GetProperty("sagas")[0].GetProperty("status").GetString().ShouldBe("paid");
    }

    [Fact]
    public async Task Bookings_that_wait_for_a_frozen_payment_are_found_and_retried_and_end_before_the_operators_eyes()
    {
        long offer = await site.Seed.OfferAsync(site.Owner, site.Company, 7, 10m, 5, 15);
        Person client = await site.Seed.PersonAsync("Wera", "Waiting", 50m);
        string reason = $"payment is back {offer}";
        await using Visit visit = await site.VisitAsync();
        IPage page = visit.Page;
        await visit.SignInAsync(site.Operator, "/operator");
        RunningProcess payment = site.Process("payment");
        Task booking;
        payment.Signal(Posix.Stop);
        try
        {
            booking = site.Seed.TryAsync(client, $"/customer/offer/{offer}/book");
            await Expect(page.Locator("#now .table")).ToBeVisibleAsync(); // the numbers come by themselves
            await visit.OpenAsync($"/operator?state=live&offer_id={offer}");
            await visit.CheckAsync("operator-live");
            await page.ClickAsync("main > .table td a[href*='/sagas/']");
            await Expect(page.Locator(".timeline li.pending").First).ToBeVisibleAsync();
            await visit.CheckAsync("operator-saga-live");
            await page.FillAsync("[name=reason]", reason);
            await page.ClickAsync(".side form .button");
            await Expect(page.Locator(".alert.good")).ToBeVisibleAsync();
            string saga = page.Url;
            await visit.OpenAsync("/operator/queues");
            await visit.CheckAsync("operator-queues-away");
            await visit.OpenAsync($"/operator?state=live&offer_id={offer}");
            await page.ClickAsync(".bulk a[href*='action=retry']");
            await page.FillAsync("[name=reason]", "all of them " + reason);
            await visit.CheckAsync("operator-bulk-retry");
            await page.ClickAsync("main form .button");
            await Expect(page.Locator(".alert.good")).ToContainTextAsync("1 ×");
            await visit.OpenAsync(new Uri(saga).AbsolutePath);
        }
        finally
        {
            payment.Signal(Posix.Continue);
        }
        await Expect(page.Locator("#story .timeline:not(:has(li.pending))")).ToBeVisibleAsync();
        await booking;
        await visit.OpenAsync("/operator/journal");
        await Expect(page.Locator($".table tr:has-text('{reason}')")).ToHaveCountAsync(2);
        decimal balance = (await site.Seed.GetAsync(client, "/customer/payment/balance")).GetProperty("balance").GetDecimal();
        balance.ShouldBe((await site.Seed.GetAsync(client, "/customer/bookings"))[0].GetProperty("status").GetString() == "paid" ? 40m : 50m);
    }

    [Fact]
    public async Task A_noted_block_is_compared_and_another_hash_is_told()
    {
        await BookedAsync(10m);
        JsonElement block = default;
        await Until.TrueAsync(async () => (block = (await site.Seed.GetAsync(site.Operator, "/ledger")).GetProperty("block")).ValueKind == JsonValueKind.Object);
        long number = block.GetProperty("number").GetInt64();
        string hash = block.GetProperty("hash").GetString()!;
        await using Visit visit = await site.VisitAsync(scripts: false);
        await visit.SignInAsync(site.Operator, $"/operator/integrity?number={number}&hash={hash}");
        await Expect(visit.Page.Locator("#noted ~ .alert.good")).ToBeVisibleAsync();
        await Expect(visit.Page.GetByText("The chain is right")).ToBeVisibleAsync();
        await Expect(visit.Page.GetByText("All invariants hold")).ToBeVisibleAsync();

        await visit.OpenAsync($"/operator/integrity?number={number}&hash={hash.Replace(hash[0], hash[0] == 'a' ? 'b' : 'a')}");

        await Expect(visit.Page.Locator("#noted ~ .alert.bad")).ToContainTextAsync("another hash");
    }

    [Fact]
    public async Task Dead_mails_are_chosen_and_tried_again_and_a_mail_is_sent_once_more()
    {
        (Person _, Guid booking) = await BookedAsync(10m);
        await MailsAreAsync(booking, "sent");
        (await site.ChangeAsync("notification", "UPDATE mail SET state = 'failed', accepted = '{}', reason = 'mailbox_unknown', last_error = '550 5.1.1 No such mailbox here' WHERE booking_id = $1", booking)).ShouldBe(2);
        await using Visit visit = await site.VisitAsync(Screen.Phone, "ru");
        await using Visit desk = await site.VisitAsync();
        IPage page = desk.Page;
        await visit.SignInAsync(site.Operator, "/operator/queues");
        await visit.CheckAsync("operator-queues-dead");
        await desk.SignInAsync(site.Operator, "/operator/queues");
        await desk.CheckAsync("operator-queues-dead");

        await page.UncheckAsync("form input[type=checkbox] >> nth=0");
        await page.UncheckAsync("form input[type=checkbox] >> nth=1");
        await page.ClickAsync("main form .button");
        await Expect(page.Locator("main form .alert.bad")).ToBeVisibleAsync();
        await page.CheckAsync("form input[type=checkbox] >> nth=0");
        await page.CheckAsync("form input[type=checkbox] >> nth=1");
        await page.ClickAsync("main form .button");

        await Expect(page.Locator(".alert.good")).ToHaveTextAsync("2 are tried again.");
        await MailsAreAsync(booking, "sent");
        await desk.OpenAsync($"/operator/mails?booking_id={booking}");
        await page.ClickAsync(".table summary >> nth=0");
        await desk.CheckAsync("operator-mail-log");
        await page.ClickAsync(".table a[href*='/operator/mails/'] >> nth=0");
        await page.FillAsync("[name=reason]", $"lost {booking:N}");
        await desk.CheckAsync("operator-mail-resend");
        await page.ClickAsync("main form .button");
        await Expect(page.Locator(".alert.good")).ToBeVisibleAsync();
        await desk.OpenAsync("/operator/journal");
        await Expect(page.Locator(".table tbody tr").First).ToContainTextAsync($"lost {booking:N}");
        await Expect(page.Locator(".table tbody tr").Nth(1)).ToContainTextAsync("Replay");
        await Expect(page.Locator(".table tbody tr").Nth(2)).ToContainTextAsync("Replay");
    }

    [Fact]
    public async Task A_broken_invariant_appears_and_goes_before_the_operators_eyes()
    {
        (Person _, Guid booking) = await BookedAsync(10m);
        await using Visit visit = await site.VisitAsync();
        await visit.SignInAsync(site.Operator, "/operator/integrity");
        await Expect(visit.Page.Locator("#now .alert.good")).ToBeVisibleAsync();
        (await site.ChangeAsync("customer", "UPDATE booking SET status = 'failed' WHERE id = $1", booking)).ShouldBe(1);
        try
        {
            await Expect(visit.Page.Locator($"#now a[href$='{booking}']")).ToBeVisibleAsync();
            await visit.CheckAsync("operator-integrity-broken");
        }
        finally
        {
            await site.ChangeAsync("customer", "UPDATE booking SET status = 'paid' WHERE id = $1", booking);
        }
        await Expect(visit.Page.Locator("#now .alert.good")).ToBeVisibleAsync();
    }

    private Task MailsAreAsync(Guid booking, string state) => Until.TrueAsync(async () =>
        (await site.Seed.GetAsync(site.Operator, $"/operator/mails?booking_id={booking}")).EnumerateArray().Select(m => m.GetProperty("state").GetString()).SequenceEqual([state, state]));

    // The answer to a cancellation may come before its end.
    private Task EndedAsync(Guid booking, string status) => Until.TrueAsync(async () =>
        (await site.Seed.GetAsync(site.Operator, $"/operator/sagas/{booking}")).GetProperty("sagas")[0].GetProperty("status").GetString() == status);

    private async Task<(Person Client, Guid Booking)> BookedAsync(decimal price)
    {
        long offer = await site.Seed.OfferAsync(site.Owner, site.Company, 7, price, 5, 12);
        Person client = await site.Seed.PersonAsync("Pavel", "Paying", price);
        JsonElement booking = await site.Seed.SendAsync(client, $"/customer/offer/{offer}/book", null, 200);
        return (client, booking.GetProperty("id").GetGuid());
    }
}
