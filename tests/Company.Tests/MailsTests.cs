using BookSaga.Company.Tests.Support;
using BookSaga.Contracts.Queues;

namespace BookSaga.Company.Tests;

public sealed class MailsTests(CompanyFixture company) : IClassFixture<CompanyFixture>
{
    private readonly TestUser _admin = TestUser.New();

    [Theory]
    [InlineData("admin")]
    [InlineData("manager")]
    public async Task The_companys_people_see_the_mails_to_it_as_notification_tells_them(string role)
    {
        long id = await company.FoundAsync(_admin);
        TestUser user = role == "admin" ? _admin : await company.JoinAsync(id, _admin, role);
        const string List = """[{"id":7,"kind":"paid","log":[{"outcome":"sent","answer":"250 ok"}]}]""";
        company.Neighbours.Plan<ListMails>(_ => new MailsJson { Json = List });
        (await company.GetAsync(user, $"/company/{id}/mails?limit=7&page=2").JsonAsync(200)).GetRawText().ShouldBe(List);
        company.Neighbours.Calls.ShouldHaveSingleItem().ShouldBe(new ListMails { CompanyId = id, Audience = "company", Page = 2, Limit = 7 });
    }

    [Fact]
    public async Task A_mail_is_sent_again_for_its_company_alone()
    {
        long id = await company.FoundAsync(_admin);
        company.Neighbours.Plan<ResendMail>(_ => new ResendOutcome { Code = ResendOutcome.Types.Code.Queued, Number = 3 });
        (await company.PostAsync(_admin, $"/company/{id}/mails/7/resend").JsonAsync(202)).GetRawText().ShouldBe("""{"id":7,"resend":3}""");
        company.Neighbours.Calls.ShouldHaveSingleItem().ShouldBe(new ResendMail { Id = 7, CompanyId = id, Audience = "company" });
    }

    [Theory]
    [InlineData(ResendOutcome.Types.Code.NotFound, 404, "mail not found")]
    [InlineData(ResendOutcome.Types.Code.Waiting, 409, "mail is waiting")]
    [InlineData(ResendOutcome.Types.Code.Expired, 409, "mail has expired")]
    [InlineData(ResendOutcome.Types.Code.Limit, 409, "mail was resent too often")]
    public async Task What_is_not_sent_again_is_said(ResendOutcome.Types.Code code, int status, string error)
    {
        long id = await company.FoundAsync(_admin);
        company.Neighbours.Plan<ResendMail>(_ => new ResendOutcome { Code = code });
        await company.PostAsync(_admin, $"/company/{id}/mails/7/resend").ProblemAsync(status, error);
    }

    [Fact]
    public async Task Strangers_see_and_send_nothing_and_nobody_is_asked()
    {
        long id = await company.FoundAsync(_admin);
        company.Neighbours.PlanNothing();
        await company.GetAsync(TestUser.New(), $"/company/{id}/mails").ProblemAsync(403, "forbidden");
        await company.PostAsync(TestUser.New(), $"/company/{id}/mails/7/resend").ProblemAsync(403, "forbidden");
        await company.GetAsync(_admin, "/company/999999/mails").ProblemAsync(404, "company not found");
        company.Neighbours.Calls.ShouldBeEmpty();
    }
}
