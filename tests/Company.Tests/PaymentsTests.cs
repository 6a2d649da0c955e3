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
}
