using System.Text.Json;
using BookSaga.Contracts.Payment;

namespace BookSaga.Payment.Tests;

public sealed class AccountTests(PaymentWorld world) : IClassFixture<PaymentWorld>
{
    private const string Root = "/api/v1/customer/payment";

    [Fact]
    public async Task The_document_describes_every_route_and_money_as_a_number_without_a_binary_format()
    {
        using HttpClient http = world.Service.Http(null);

        JsonElement amount = (await ApiDocument.CheckAsync(http)).GetProperty("components").GetProperty("schemas").GetProperty("Transaction").GetProperty("properties").GetProperty("amount");

        (amount.GetProperty("type").GetString(), amount.TryGetProperty("format", out _)).ShouldBe(("number", false));
    }

    [Fact]
    public async Task Without_an_account_balance_and_top_up_are_404_and_creating_it_is_idempotent()
    {
        using HttpClient http = world.Service.Http(TestUser.New());
        await http.GetAsync(Root + "/balance").ProblemAsync(404, "account not found");
        await http.PostAsync(Root + "/top-up", new { amount = 1 }).ProblemAsync(404, "account not found");

        await http.PostAsync(Root + "/create-account", null).JsonAsync(201);
        await http.PostAsync(Root + "/top-up", new { amount = 7.5 }).JsonAsync(200);
        await http.PostAsync(Root + "/create-account", null).JsonAsync(201);

        (await http.GetAsync(Root + "/balance").JsonAsync(200)).GetRawText().ShouldBe("""{"balance":7.5}""");
    }

    [Theory]
    [InlineData("""{}""", "amount is required")]
    [InlineData("""{"amount":null}""", "amount is required")]
    [InlineData("""{"amount":0}""", "invalid amount")]
    [InlineData("""{"amount":-5}""", "invalid amount")]
    [InlineData("""{"amount":1.001}""", "invalid amount")]
    [InlineData("""{"amount":1e30}""", "invalid request")]
    [InlineData("""{"amount":1e12}""", "invalid amount")]
    [InlineData("""{"amount":"1"}""", "invalid request")]
    [InlineData("""{"amount":1""", "invalid request")]
    [InlineData("""[]""", "invalid request")]
    public async Task A_top_up_that_is_not_an_amount_is_refused_and_changes_nothing(string body, string error)
    {
        TestUser client = await world.ClientAsync(3m);
        using HttpClient http = world.Service.Http(client);
        using var content = new StringContent(body, System.Text.Encoding.UTF8, "application/json");

        await http.PostAsync(Root + "/top-up", content).ProblemAsync(400, error);

        (await world.BalanceAsync(client)).ShouldBe(3m);
    }

    [Fact]
    public async Task A_post_without_a_body_is_a_missing_amount_and_trailing_zeros_are_no_third_decimal()
    {
        TestUser client = await world.ClientAsync(0m);
        using HttpClient http = world.Service.Http(client);
        await http.PostAsync(Root + "/top-up", null).ProblemAsync(400, "amount is required");
        using var content = new StringContent("""{"amount":0.100,"unknown":[1]}""", System.Text.Encoding.UTF8, "application/json");

        await http.PostAsync(Root + "/top-up", content).JsonAsync(200);

        (await world.BalanceAsync(client)).ShouldBe(0.10m);
    }

    [Fact]
    public async Task The_same_idempotency_key_tops_up_once_even_ten_times_at_once()
    {
        TestUser client = await world.ClientAsync(0m);
        using HttpClient http = world.Service.Http(client);
        http.DefaultRequestHeaders.Add("Idempotency-Key", "top-up");

        HttpResponseMessage[] answers = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => http.PostAsync(Root + "/top-up", new { amount = 5 })));

        answers.ShouldAllBe(a => (int)a.StatusCode == 200 || (int)a.StatusCode == 409);
        answers.Count(a => (int)a.StatusCode == 200).ShouldBeGreaterThan(0);
        (await world.BalanceAsync(client)).ShouldBe(5m);
        await http.PostAsync(Root + "/top-up", new { amount = 6 }).ProblemAsync(422, "the idempotency key was used for another request");
        (await http.PostAsync(Root + "/top-up", new { amount = 5 }).JsonAsync(200)).GetProperty("balance").GetDecimal().ShouldBe(5m);
    }

    [Fact]
    public async Task Keys_are_per_caller()
    {
        foreach (TestUser client in new[] { await world.ClientAsync(0m), await world.ClientAsync(0m) })
        {
            using HttpClient http = world.Service.Http(client);
            http.DefaultRequestHeaders.Add("Idempotency-Key", "shared");
            await http.PostAsync(Root + "/top-up", new { amount = 5 }).JsonAsync(200);
            (await world.BalanceAsync(client)).ShouldBe(5m);
        }
    }

    [Fact]
    public async Task The_statement_tells_top_ups_payments_refunds_and_refusals_newest_first_with_the_balance_after_each()
    {
        TestUser client = await world.ClientAsync(20m);
        ChargeItem paid = PaymentWorld.Item(client, 1250);
        await world.ChargeAsync(paid);
        await world.ChargeAsync(PaymentWorld.Item(client, 1250));
        await world.RefundAsync(paid);
        using HttpClient http = world.Service.Http(client);

        JsonElement lines = await http.GetAsync(Root + "/transactions").JsonAsync(200);

        lines.EnumerateArray().Select(l => $"{l.GetProperty("type")} {l.GetProperty("status")} {l.GetProperty("amount")} {l.GetProperty("balance_after")}")
            .ShouldBe(["refund completed 12.5 20", "payment refused 12.5 7.5", "payment completed 12.5 7.5", "top-up completed 20 20"]);
        lines[1].GetProperty("reason").GetString().ShouldBe("insufficient_funds");
        lines[0].GetProperty("booking_id").GetString().ShouldBe(paid.BookingId);
        lines[3].GetProperty("booking_id").ValueKind.ShouldBe(JsonValueKind.Null);
        (await http.GetAsync(Root + "/transactions?page=2&limit=3").JsonAsync(200)).GetArrayLength().ShouldBe(1);
        await http.GetAsync(Root + "/transactions?limit=0").ProblemAsync(400, "limit must be a whole number from 1 to 100");
    }

    [Fact]
    public async Task A_company_earns_what_its_clients_paid_less_what_was_returned()
    {
        TestUser client = await world.ClientAsync(100m);
        ChargeItem first = PaymentWorld.Item(client, 1000, company: 77);
        await world.ChargeAsync(first, PaymentWorld.Item(client, 500, company: 77));
        await world.RefundAsync(first);

        CompanyBalanceReply balance = await world.Payments.CompanyBalanceAsync(new CompanyKey { CompanyId = 77 });
        string statement = (await world.Payments.CompanyTransactionsAsync(new CompanyKey { CompanyId = 77, Page = 1, Limit = 10 })).Json;

        (balance.BalanceMinor, balance.EarnedMinor, balance.RefundedMinor).ShouldBe((500, 1500, 1000));
        JsonDocument.Parse(statement).RootElement.EnumerateArray().Select(l => $"{l.GetProperty("type")} {l.GetProperty("balance_after")}").First().ShouldBe("refund 5");
        (await world.Payments.CompanyBalanceAsync(new CompanyKey { CompanyId = 78 })).BalanceMinor.ShouldBe(0);
    }

    [Fact]
    public async Task A_database_that_goes_away_is_503_with_retry_after_and_work_goes_on_when_it_is_back()
    {
        TestUser client = await world.ClientAsync(1m);
        using HttpClient http = world.Service.Http(client);
        await world.Database.TakeDownAsync();

        using HttpResponseMessage down = await http.GetAsync(Root + "/balance");
        using HttpResponseMessage notReady = await http.GetAsync("/readyz");
        await world.Database.RestoreAsync();

        ((int)down.StatusCode).ShouldBe(503);
        down.Headers.RetryAfter.ShouldNotBeNull();
        ((int)notReady.StatusCode).ShouldBe(503);
        (await world.BalanceAsync(client)).ShouldBe(1m);
        (await http.GetAsync("/readyz").JsonAsync(200)).GetProperty("status").GetString().ShouldBe("ok");
    }
}
