using BookSaga.Company.Tests.Support;
using BookSaga.Contracts.Payment;

namespace BookSaga.Company.Tests;

public sealed class PaymentsTests(CompanyFixture company) : IClassFixture<CompanyFixture>
{
    private readonly TestUser _admin = TestUser.New();

    [Fact]
    public async Task The_balance_is_in_major_units()
    {
        long id = await company.FoundAsync(_admin);
        company.Neighbours.Plan<CompanyKey>(_ => new CompanyBalanceReply { BalanceMinor = 1250, EarnedMinor = 100_001, RefundedMinor = 98_751 });
        (await company.GetAsync(_admin, $"/company/{id}/payment/balance").JsonAsync(200)).GetRawText().ShouldBe("""{"balance":12.5,"earned":1000.01,"refunded":987.51}""");
        company.Neighbours.Calls.ShouldHaveSingleItem().ShouldBe(new CompanyKey { CompanyId = id });
    }

    [Fact]
    public async Task A_company_that_earned_nothing_has_zeros()
    {
        long id = await company.FoundAsync(_admin);
        company.Neighbours.Plan<CompanyKey>(_ => new CompanyBalanceReply());
        (await company.GetAsync(_admin, $"/company/{id}/payment/balance").JsonAsync(200)).GetRawText().ShouldBe("""{"balance":0,"earned":0,"refunded":0}""");
    }

    [Fact]
    public async Task The_statement_is_payments_own()
    {
        long id = await company.FoundAsync(_admin);
        const string List = """[{"id":2,"type":"refund","amount":12.5}]""";
        company.Neighbours.Plan<CompanyKey>(_ => new TransactionsJson { Json = List });
        (await company.GetAsync(_admin, $"/company/{id}/payment/transactions?limit=7&page=2").JsonAsync(200)).GetRawText().ShouldBe(List);
        company.Neighbours.Calls.ShouldHaveSingleItem().ShouldBe(new CompanyKey { CompanyId = id, Page = 2, Limit = 7 });
    }

    [Fact]
    public async Task The_statement_is_passed_on_as_a_file_to_the_companys_people()
    {
        long id = await company.FoundAsync(_admin);
        company.Neighbours.Plan<StatementKey>(_ => (string[])["a,b\r\n", "1,2\r\n"]);

        using HttpResponseMessage answer = await company.GetAsync(_admin, $"/company/{id}/payment/transactions.csv?from=2026-01-01T00:00:00Z");

        (await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).ShouldBe("a,b\r\n1,2\r\n");
        answer.Content.Headers.ContentType!.ToString().ShouldBe("text/csv; charset=utf-8");
        answer.Content.Headers.ContentDisposition!.ToString().ShouldBe($"attachment; filename=\"transactions-{id}.csv\"");
        StatementKey sent = company.Neighbours.Calls.ShouldHaveSingleItem().ShouldBeOfType<StatementKey>();
        sent.From.ToDateTimeOffset().ShouldBe(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
        sent.To.ShouldBeNull();
        await company.GetAsync(TestUser.New(), $"/company/{id}/payment/transactions.csv").ProblemAsync(403, "forbidden");
        company.Neighbours.Plan<StatementKey>(_ => throw new Grpc.Core.RpcException(new(Grpc.Core.StatusCode.Unavailable, "away")));
        await company.GetAsync(_admin, $"/company/{id}/payment/transactions.csv").ProblemAsync(503, "temporarily unavailable");
    }
}
