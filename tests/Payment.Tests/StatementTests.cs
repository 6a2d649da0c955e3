using System.Net.Http.Headers;
using System.Text.Json;
using BookSaga.Contracts.Payment;
using BookSaga.Hosting.Data;
using BookSaga.Payment.Accounts;
using BookSaga.Payment.Companies;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;

namespace BookSaga.Payment.Tests;

public sealed class StatementTests(PaymentWorld world) : IClassFixture<PaymentWorld>
{
    private const string Path = "/api/v1/customer/payment/transactions.csv";
    private const string Header = "id,created_at,type,status,amount,change,balance_after,booking_id,offer_id,reason";

    [Fact]
    public async Task A_statement_is_a_file_of_all_lines_with_what_each_did_to_the_balance()
    {
        TestUser client = await world.ClientAsync(20);
        ChargeItem paid = PaymentWorld.Item(client, 1250, offer: 7);
        await world.Payments.ChargeAsync(new ChargeBatch { Items = { paid } });
        await world.Payments.ChargeAsync(new ChargeBatch { Items = { PaymentWorld.Item(client, 99_999) } });
        await world.Payments.RefundAsync(new ChargeBatch { Items = { paid } });
        using HttpClient http = world.Service.Http(client);

        using HttpResponseMessage answer = await http.GetAsync(Path);
        string[][] lines = await LinesAsync(answer);

        answer.Content.Headers.ContentType.ShouldBe(MediaTypeHeaderValue.Parse("text/csv; charset=utf-8"));
        answer.Content.Headers.ContentDisposition!.ToString().ShouldBe("attachment; filename=\"transactions.csv\"");
        lines.Select(l => string.Join(' ', l[2..7])).ShouldBe(["top-up completed 20.00 20.00 20.00", "payment completed 12.50 -12.50 7.50", "payment refused 999.99 0.00 7.50", "refund completed 12.50 12.50 20.00"]);
        lines[1][7..].ShouldBe([paid.BookingId, "7", ""]);
        lines[2][9].ShouldBe("insufficient_funds");
        lines[0][1].ShouldMatch(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$");
    }

    [Fact]
    public async Task A_long_statement_is_whole_and_a_period_cuts_it()
    {
        TestUser client = await world.ClientAsync(1);
        await world.Database.Db.ExecuteAsync("""
            INSERT INTO transfer (id, type, status, customer_id, amount_minor, reason, balance_after, created_at)
            SELECT gen_random_uuid(), 'payment', 'refused', $1, 1000 + i, 'insufficient_funds', 100, '2026-01-01Z'::timestamptz + i * interval '1 hour' FROM generate_series(1, 1234) i
            """, default, client.Id);
        using HttpClient http = world.Service.Http(client);

        (await LinesAsync(await http.GetAsync(Path))).Length.ShouldBe(1235);
        string[][] some = await LinesAsync(await http.GetAsync(Path + "?from=2026-01-01T05:00:00Z&to=2026-01-01T09:00:00%2B02:00"));
        some.Select(l => l[4]).ShouldBe(["10.05", "10.06", "10.07"]);
        (await LinesAsync(await http.GetAsync(Path + "?to=2025-01-01T00:00:00Z"))).ShouldBeEmpty();
        await http.GetAsync(Path + "?from=yesterday").ProblemAsync(400, "from must be an RFC 3339 time with an offset, such as 2026-01-31T09:00:00Z");
        using HttpClient nobody = world.Service.Http(null);
        await nobody.GetAsync(Path).ProblemAsync(401, "invalid claims");
        using HttpClient stranger = world.Service.Http(TestUser.New());
        (await LinesAsync(await stranger.GetAsync(Path))).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_companys_statement_has_the_balance_of_all_time_also_in_a_period()
    {
        const long Company = 4200;
        TestUser client = await world.ClientAsync(100);
        ChargeItem first = PaymentWorld.Item(client, 1000, company: Company);
        await world.Payments.ChargeAsync(new ChargeBatch { Items = { first } });
        DateTimeOffset middle = DateTimeOffset.UtcNow;
        await world.Payments.ChargeAsync(new ChargeBatch { Items = { PaymentWorld.Item(client, 550, company: Company) } });
        await world.Payments.RefundAsync(new ChargeBatch { Items = { first } });

        string whole = await CompanyAsync(new StatementKey { CompanyId = Company });
        string later = await CompanyAsync(new StatementKey { CompanyId = Company, From = Timestamp.FromDateTimeOffset(middle) });

        Parse(whole).Select(l => string.Join(' ', l[2..7])).ShouldBe(["payment completed 10.00 10.00 10.00", "payment completed 5.50 5.50 15.50", "refund completed 10.00 -10.00 5.50"]);
        Parse(later).ShouldBe(Parse(whole)[1..]);
        Parse(await CompanyAsync(new StatementKey { CompanyId = 4711 })).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_page_of_a_companys_statement_sums_its_postings_once_however_many_lines_it_has()
    {
        const long Company = 4201;
        TestUser client = await world.ClientAsync(1000);
        for (int i = 1; i <= 60; i++)
        {
            await world.Payments.ChargeAsync(new ChargeBatch { Items = { PaymentWorld.Item(client, i, company: Company) } });
        }

        string page = (await world.Payments.CompanyTransactionsAsync(new CompanyKey { CompanyId = Company, Page = 2, Limit = 20 })).Json;

        JsonDocument.Parse(page).RootElement.EnumerateArray().Select(l => (int)(l.GetProperty("balance_after").GetDecimal() * 100))
            .ShouldBe(Enumerable.Range(21, 20).Reverse().Select(n => n * (n + 1) / 2));
        string plan = (await world.Database.Db.QueryFirstAsync("EXPLAIN (ANALYZE, FORMAT JSON) " + CompanyStatement.TransactionsSql, row => row.GetString(0), default, Company, 60, 0))!;
        Read(JsonDocument.Parse(plan).RootElement[0].GetProperty("Plan")).ShouldBeLessThan(60 * 5);

        // Rows of the table that were looked at.
        static double Read(JsonElement node) =>
            (node.TryGetProperty("Relation Name", out JsonElement table) && table.GetString() == "posting"
                ? node.GetProperty("Actual Loops").GetDouble() * (node.GetProperty("Actual Rows").GetDouble() + (node.TryGetProperty("Rows Removed by Filter", out JsonElement removed) ? removed.GetDouble() : 0))
                : 0)
            + (node.TryGetProperty("Plans", out JsonElement children) ? children.EnumerateArray().Sum(Read) : 0);
    }

    [Theory]
    [InlineData("plain", "plain")]
    [InlineData("", "")]
    [InlineData("a,b", "\"a,b\"")]
    [InlineData("say \"x\"", "\"say \"\"x\"\"\"")]
    [InlineData("two\r\nlines", "\"two\r\nlines\"")]
    [InlineData("=HYPERLINK(\"x\")", "\"'=HYPERLINK(\"\"x\"\")\"")]
    [InlineData("+1", "'+1")]
    [InlineData("-1", "'-1")]
    [InlineData("@SUM(A1)", "'@SUM(A1)")]
    [InlineData("\tx", "'\tx")]
    public void A_text_stays_in_its_field_and_is_no_formula(string value, string field) => StatementCsv.Text(value).ShouldBe(field);

    private async Task<string> CompanyAsync(StatementKey key)
    {
        using AsyncServerStreamingCall<StatementText> call = world.Payments.StatementOfCompany(key);
        var pieces = new List<string>();
        await foreach (StatementText piece in call.ResponseStream.ReadAllAsync())
        {
            pieces.Add(piece.Text);
        }
        return string.Concat(pieces);
    }

    private static async Task<string[][]> LinesAsync(HttpResponseMessage answer) => Parse(await answer.Content.ReadAsStringAsync());

    private static string[][] Parse(string text)
    {
        text.ShouldEndWith("\r\n");
        string[] lines = text[..^2].Split("\r\n");
        lines[0].ShouldBe(Header);
        return [.. lines[1..].Select(l => l.Split(','))];
    }
}
