using System.Text.RegularExpressions;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace BookSaga.Web.Tests;

/// <summary>What a client does, in a real browser against real services.</summary>
[Collection("browser")] // one at a time: they share one machine's two cores with a browser
public sealed partial class ClientStoryTests(Site site)
{
    [Theory]
    [InlineData(Screen.Phone, "ru")]
    [InlineData(Screen.Desktop, "en")]
    public async Task A_stranger_signs_up_tops_up_and_books(Screen screen, string language)
    {
        long offer = await site.Seed.OfferAsync(site.Owner, site.Company, 7, 1500m, 4, 12, "Стрижка ножницами и машинкой, мытьё головы, укладка.");
        await using Visit visit = await site.VisitAsync(screen, language);
        IPage page = visit.Page;

        await visit.OpenAsync("/");
        await visit.CheckAsync("search");
        await visit.OpenAsync($"/offers/{offer}");
        await visit.CheckAsync("offer-visitor");
        await visit.OpenAsync("/sign-up");
        string email = $"new.{Guid.NewGuid():N}@example.com";
        await page.FillAsync("[name=first_name]", "Клара");
        await page.FillAsync("[name=last_name]", "О'Нил");
        await page.FillAsync("[name=email]", email);
        await page.FillAsync("[name=password]", Seed.Password);
        await visit.CheckAsync("sign-up");
        await page.ClickAsync("main form .button");
        await Expect(page.Locator("#username")).ToHaveValueAsync(email);
        await visit.LoginAsync(null);
        await Expect(page).ToHaveURLAsync(site.Url + "/");

        await visit.OpenAsync($"/offers/{offer}");
        await Expect(page.Locator("[name=amount]")).ToHaveValueAsync("1500");
        await visit.CheckAsync("offer-top-up");
        await page.FillAsync("[name=amount]", "2000");
        await page.ClickAsync("form:has([name=amount]) .button");
        await Expect(page.Locator(".sums .total data")).ToHaveAttributeAsync("value", "500");
        await visit.CheckAsync("offer-pay");
        await page.ClickAsync(".ticket .button.wide");

        await Expect(page).ToHaveURLAsync(BookingAddress());
        await Expect(page.Locator(".timeline li.done")).ToHaveCountAsync(5);
        await Expect(page.Locator(".timeline li.pending")).ToHaveCountAsync(0);
        await visit.CheckAsync("booking-paid");
        await visit.OpenAsync($"/offers/{offer}");
        await visit.CheckAsync("offer-taken");
    }

    [Fact]
    public async Task Booking_works_without_scripts()
    {
        long offer = await site.Seed.OfferAsync(site.Owner, site.Company, 7, 10m, 4, 13);
        Person client = await site.Seed.PersonAsync("Vera", "Plain");
        await using Visit visit = await site.VisitAsync(Screen.Phone, "en", scripts: false);
        IPage page = visit.Page;

        await visit.OpenAsync("/?service_id=7");
        await Expect(page.Locator(".card.offer").First).ToBeVisibleAsync();
        await visit.OpenAsync($"/offers/{offer}");
        await page.ClickAsync(".ticket .button");
        await visit.LoginAsync(client.Email);
        await page.FillAsync("[name=amount]", "10");
        await page.ClickAsync("form:has([name=amount]) .button");
        await page.ClickAsync(".ticket .button.wide");

        await Expect(page).ToHaveURLAsync(BookingAddress());
        await Expect(page.Locator(".outcome.paid")).ToBeVisibleAsync();
        (await site.Seed.GetAsync(client, "/customer/payment/balance")).GetProperty("balance").GetDecimal().ShouldBe(0m);
    }

    [Fact]
    public async Task Who_comes_second_is_told_at_once_with_the_nearest_free_times_and_keeps_the_money()
    {
        long offer = await site.Seed.OfferAsync(site.Owner, site.Company, 7, 10m, 4, 14);
        Person first = await site.Seed.PersonAsync("Anna", "First", 50m);
        Person second = await site.Seed.PersonAsync("Olga", "Second", 50m);
        await using Visit visit = await site.VisitAsync();
        await visit.SignInAsync(second, $"/offers/{offer}");
        await Expect(visit.Page.Locator(".ticket .button.wide")).ToBeVisibleAsync();
        await site.Seed.SendAsync(first, $"/customer/offer/{offer}/book", null, 200);

        await visit.Page.ClickAsync(".ticket .button.wide");

        await Expect(visit.Page.Locator("#nearest")).ToBeVisibleAsync();
        await Expect(visit.Page.Locator("[role=alert]")).ToContainTextAsync("No money was taken");
        await visit.CheckAsync("offer-lost");
        (await site.Seed.GetAsync(second, "/customer/payment/balance")).GetProperty("balance").GetDecimal().ShouldBe(50m);
    }

    [Fact]
    public async Task Pressing_pay_twice_pays_once()
    {
        long offer = await site.Seed.OfferAsync(site.Owner, site.Company, 7, 10m, 4, 15);
        Person client = await site.Seed.PersonAsync("Ivan", "Double", 50m);
        await using Visit visit = await site.VisitAsync(scripts: false);
        await visit.SignInAsync(client, $"/offers/{offer}");

        await visit.Page.DblClickAsync(".ticket .button.wide");

        await Expect(visit.Page.Locator(".outcome.paid")).ToBeVisibleAsync();
        (await site.Seed.GetAsync(client, "/customer/payment/balance")).GetProperty("balance").GetDecimal().ShouldBe(40m);
    }

    [Fact]
    public async Task A_session_that_ends_in_the_middle_of_a_form_loses_nothing_that_was_typed()
    {
        long offer = await site.Seed.OfferAsync(site.Owner, site.Company, 7, 777m, 4, 16);
        Person client = await site.Seed.PersonAsync("Nina", "Patient");
        await using Visit visit = await site.VisitAsync();
        IPage page = visit.Page;
        await visit.SignInAsync(client, $"/offers/{offer}");
        await page.FillAsync("[name=amount]", "1234,56");
        await visit.Context.ClearCookiesAsync();

        await page.ClickAsync("form:has([name=amount]) .button");
        await visit.LoginAsync(client.Email);

        await Expect(page.Locator("[name=amount]")).ToHaveValueAsync("1234,56");
        await visit.CheckAsync("form-kept");
        await page.ClickAsync("form:has([name=amount]) .button");
        await Expect(page.Locator(".ticket .button.wide")).ToBeVisibleAsync();
        (await site.Seed.GetAsync(client, "/customer/payment/balance")).GetProperty("balance").GetDecimal().ShouldBe(1234.56m);
    }

    [Fact]
    public async Task Bad_input_is_refused_next_to_its_field_and_nothing_typed_is_lost()
    {
        await using Visit visit = await site.VisitAsync(scripts: false);
        IPage page = visit.Page;
        await visit.OpenAsync("/sign-up");
        await page.FillAsync("[name=first_name]", "Клара");
        await page.FillAsync("[name=last_name]", "О'Нил");
        await page.FillAsync("[name=email]", "клара@@example");
        await page.FillAsync("[name=password]", Seed.Password);
        await page.EvalOnSelectorAsync("main form", "form => form.noValidate = true");

        await page.ClickAsync("main form .button");

        await Expect(page.Locator("#sign-up-email-error")).ToContainTextAsync("does not look like");
        await Expect(page.Locator("[name=email]")).ToHaveAttributeAsync("aria-invalid", "true");
        await Expect(page.Locator("[name=first_name]")).ToHaveValueAsync("Клара");
        await visit.CheckAsync("sign-up-wrong");
    }

    [Fact]
    public async Task Signing_out_ends_the_session_here_and_at_the_identity_provider()
    {
        Person client = await site.Seed.PersonAsync("Oleg", "Leaver");
        await using Visit visit = await site.VisitAsync();
        await visit.SignInAsync(client);
        await visit.Page.ClickAsync("form[action='/sign-out'] button");
        await Expect(visit.Page).ToHaveURLAsync(site.Url + "/");

        await visit.OpenAsync("/sign-in");

        await Expect(visit.Page.Locator("#password")).ToBeVisibleAsync();
    }

    [GeneratedRegex("/bookings/[0-9a-f-]{36}$")]
    private static partial Regex BookingAddress();
}
