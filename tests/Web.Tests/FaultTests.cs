using System.Text.RegularExpressions;
using BookSaga.Launcher.Processes;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace BookSaga.Web.Tests;

/// <summary>What clients see when others are faster and processes die.</summary>
[Collection("browser")] // one at a time: they share one machine's two cores with a browser
public sealed partial class FaultTests(Site site)
{
    [Fact]
    public async Task A_killed_customer_service_comes_back_and_ends_the_booking_before_its_clients_eyes()
    {
        long offer = await site.Seed.OfferAsync(site.Owner, site.Company, 7, 10m, 6, 12);
        Person client = await site.Seed.PersonAsync("Kira", "Watching", 50m);
        await using Visit visit = await site.VisitAsync();
        IPage page = visit.Page;
        await visit.SignInAsync(client, $"/offers/{offer}");
        RunningProcess payment = site.Process("payment");
        payment.Signal(Posix.Stop);
        try
        {
            await page.ClickAsync(".ticket .button.wide");
            await Expect(page).ToHaveURLAsync(BookingAddress());
            await Expect(page.Locator(".timeline li.pending").First).ToBeVisibleAsync();
            await page.EvaluateAsync("window.said = document.querySelector('#story [role=status]')");
            site.Process("customer").Signal(Posix.Kill);
        }
        finally
        {
            payment.Signal(Posix.Continue);
        }

        // Paid when it is back before the deadline; else its end says that no money has moved.
        await Expect(page.Locator(".outcome.paid, .outcome.failed")).ToBeVisibleAsync(new() { Timeout = 90_000 });
        // The page is not reloaded, and what a screen reader listens to is the same element with another text.
        (await page.EvaluateAsync<bool>("window.said.isConnected && window.said.matches('.outcome.paid, .outcome.failed')")).ShouldBeTrue();
        bool paid = await page.Locator(".outcome.paid").CountAsync() == 1;
        (await site.Seed.GetAsync(client, "/customer/payment/balance")).GetProperty("balance").GetDecimal().ShouldBe(paid ? 40m : 50m);
        await Expect(page.Locator(".timeline li.pending")).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task Of_two_who_press_pay_at_once_one_is_booked_and_the_other_keeps_the_money()
    {
        long offer = await site.Seed.OfferAsync(site.Owner, site.Company, 7, 10m, 6, 13);
        Person[] clients = [await site.Seed.PersonAsync("Rita", "Racing", 50m), await site.Seed.PersonAsync("Roman", "Racing", 50m)];
        await using Visit first = await site.VisitAsync(Screen.Phone);
        await using Visit second = await site.VisitAsync();
        Visit[] visits = [first, second];
        for (int i = 0; i < visits.Length; i++)
        {
            await visits[i].SignInAsync(clients[i], $"/offers/{offer}");
            await Expect(visits[i].Page.Locator(".ticket .button.wide")).ToBeVisibleAsync();
        }

        await Task.WhenAll(visits.Select(v => v.Page.ClickAsync(".ticket .button.wide")));

        // Whoever loses is told on the page of the offer, or on the booking's when it took a moment.
        await Task.WhenAll(visits.Select(v => Expect(v.Page.Locator(".outcome.paid, .outcome.failed, #nearest")).ToBeVisibleAsync()));
        (await Task.WhenAll(visits.Select(v => v.Page.Locator(".outcome.paid").CountAsync()))).Sum().ShouldBe(1);
        var balances = new List<decimal>();
        foreach (Person client in clients)
        {
            balances.Add((await site.Seed.GetAsync(client, "/customer/payment/balance")).GetProperty("balance").GetDecimal());
        }
        balances.Order().ShouldBe([40m, 50m]);
    }

    [Fact]
    public async Task A_balance_that_is_not_known_is_not_shown_as_nothing()
    {
        long offer = await site.Seed.OfferAsync(site.Owner, site.Company, 7, 10m, 6, 15);
        Person client = await site.Seed.PersonAsync("Nina", "Waiting", 50m);
        await using Visit visit = await site.VisitAsync();
        await visit.SignInAsync(client, $"/offers/{offer}");
        await Expect(visit.Page.Locator(".ticket .button.wide")).ToBeVisibleAsync();
        RunningProcess payment = site.Process("payment");
        payment.Signal(Posix.Stop);
        try
        {
            await visit.OpenAsync($"/offers/{offer}");
        }
        finally
        {
            payment.Signal(Posix.Continue);
        }

        await Expect(visit.Page.Locator(".ticket")).ToContainTextAsync("does not answer right now");
        await Expect(visit.Page.Locator(".ticket .sums, .ticket form")).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task A_database_that_lets_nobody_in_is_a_page_that_asks_to_come_back_and_a_text_with_a_null_is_the_visitors_mistake()
    {
        Person client = await site.Seed.PersonAsync("Oleg", "Waiting");
        await using Visit visit = await site.VisitAsync();
        await visit.SignInAsync(client, "/bookings");
        await site.OnServerAsync("ALTER ROLE web CONNECTION LIMIT 0");
        try
        {
            await site.OnServerAsync("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'web'");
            IResponse answer = await visit.OpenAsync("/bookings");
            answer.Status.ShouldBe(503);
            answer.Headers["retry-after"].ShouldNotBeEmpty();
            await Expect(visit.Page.Locator("main")).ToContainTextAsync("Please try again shortly");
        }
        finally
        {
            await site.OnServerAsync("ALTER ROLE web CONNECTION LIMIT -1");
        }

        await Until.TrueAsync(async () => (await visit.OpenAsync("/bookings")).Status == 200);
        using var http = new HttpClient();
        using var form = new StringContent("amount=%00", null, "application/x-www-form-urlencoded");
        (await http.PostAsync(site.Url + "/wallet", form)).StatusCode.ShouldBe(System.Net.HttpStatusCode.BadRequest);
    }

    [GeneratedRegex("/bookings/[0-9a-f-]{36}$")]
    private static partial Regex BookingAddress();
}
