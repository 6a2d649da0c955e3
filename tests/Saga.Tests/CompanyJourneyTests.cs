using System.Text.Json;

namespace BookSaga.Saga.Tests;

/// <summary>A company's day through the company service, with the real booking, payment and customer services behind it.</summary>
public sealed class CompanyJourneyTests : SagaWorld
{
    private readonly TestUser _boss = TestUser.New();
    private TestDatabase _companyDb = null!;
    private TestService<BookSaga.Company.Neighbours> _company = null!;

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        _companyDb = await TestDatabase.CreateAsync();
        _company = await new TestService<BookSaga.Company.Neighbours>(Authority, _companyDb.Url, new()
        {
            ["Services:booking"] = Booking.GrpcAddress,
            ["Services:payment"] = Payment.GrpcAddress,
            ["Services:customer"] = Customer!.GrpcAddress,
        }).StartAsync();
    }

    public override async ValueTask DisposeAsync()
    {
        await _company.DisposeAsync();
        await _companyDb.DisposeAsync();
        await base.DisposeAsync();
    }

    [Fact]
    public async Task What_a_company_posts_is_found_booked_paid_and_refunded_when_it_cancels()
    {
        (long company, long offer) = await OpenShopAsync();
        (await SearchAsync()).ShouldBe([offer]);
        TestUser client = await ClientAsync(20);
        await BookAsync(client, offer).JsonAsync(200);
        JsonElement sold = (await GetAsync($"/company/{company}/offers"))[0];
        sold.GetProperty("status").GetString().ShouldBe("paid");
        sold.GetProperty("customer").GetProperty("email").GetString().ShouldBe(client.Email);
        (await GetAsync($"/company/{company}/payment/balance")).GetRawText().ShouldBe("""{"balance":12.5,"earned":12.5,"refunded":0}""");

        JsonElement cancelled = await PostAsync($"/company/{company}/offers/{offer}/cancel", new { reason = "Мастер заболел" }).JsonAsync(200);

        cancelled.GetProperty("status").GetString().ShouldBe("canceled_by_company");
        cancelled.GetProperty("cancel_reason").GetString().ShouldBe("Мастер заболел");
        (await BalanceAsync(client)).ShouldBe(20m);
        (await GetAsync($"/company/{company}/payment/balance")).GetRawText().ShouldBe("""{"balance":0,"earned":12.5,"refunded":12.5}""");
        (await GetAsync($"/company/{company}/payment/transactions")).EnumerateArray().Select(t => t.GetProperty("type").GetString()).ShouldBe(["refund", "payment"]);
        (await PostAsync($"/company/{company}/offers/{offer}/cancel", new { reason = "again" }).JsonAsync(409)).GetProperty("code").GetString().ShouldBe("offer_closed");
        await AuditAsync();
    }

    [Fact]
    public async Task A_deactivated_company_is_hidden_and_takes_no_booking_from_the_moment_of_the_answer()
    {
        (long company, long offer) = await OpenShopAsync();
        TestUser client = await ClientAsync(20);
        await PostAsync($"/company/{company}/deactivate", null).JsonAsync(200);
        (await SearchAsync()).ShouldBeEmpty();
        (await BookAsync(client, offer)).IsSuccessStatusCode.ShouldBeFalse();
        (await BalanceAsync(client)).ShouldBe(20m);
        await PostAsync($"/company/{company}/activate", null).JsonAsync(200);
        (await SearchAsync()).ShouldBe([offer]);
        await BookAsync(client, offer).JsonAsync(200);
        await AuditAsync();
    }

    [Fact]
    public async Task An_open_offer_is_withdrawn_and_unknown_ones_are_told()
    {
        (long company, long offer) = await OpenShopAsync();
        (await PostAsync($"/company/{company}/offers/{offer}/cancel", new { reason = "r" }).JsonAsync(200)).GetProperty("status").GetString().ShouldBe("canceled_by_company");
        await PostAsync($"/company/{company}/offers/999999/cancel", new { reason = "r" }).ProblemAsync(404, "offer not found");
        await PostAsync($"/company/{company}/offers", new { service_id = 999, price = 1, datetime = "2030-01-01T00:00:00Z" }).ProblemAsync(400, "service not found");
        await PostAsync($"/company/{company}/offers", new { service_id = 7, price = 1, datetime = "2020-01-01T00:00:00Z" }).ProblemAsync(400, "invalid offer");
    }

    private async Task<(long Company, long Offer)> OpenShopAsync()
    {
        long company = (await PostAsync("/company", new { name = "Салон", address = "a", phone = "p" }).JsonAsync(201)).GetProperty("id").GetInt64();
        JsonElement offer = await PostAsync($"/company/{company}/offers", new { service_id = 7, price = 12.5m, datetime = "2035-01-31T12:00:00+03:00" }).JsonAsync(201);
        return (company, offer.GetProperty("id").GetInt64());
    }

    private async Task<JsonElement> GetAsync(string path)
    {
        using HttpClient http = _company.Http(_boss);
        return await http.GetAsync("/api/v1" + path).JsonAsync(200);
    }

    private async Task<HttpResponseMessage> PostAsync(string path, object? body)
    {
        using HttpClient http = _company.Http(_boss);
        return await http.PostAsync("/api/v1" + path, body);
    }

    private async Task<long[]> SearchAsync()
    {
        using HttpClient http = Booking.Http(null);
        JsonElement offers = await http.GetAsync("/api/v1/offers?service_id=1").JsonAsync(200);
        return [.. offers.EnumerateArray().Select(o => o.GetProperty("id").GetInt64())];
    }
}
