using BookSaga.Contracts;
using BookSaga.Contracts.Queues;
using Grpc.Core;

namespace BookSaga.Notification.Tests;

/// <summary>What is kept of every mail, and sending one again.</summary>
public sealed class LedgerTests(Authority authority)
{
    [Fact]
    public async Task Every_attempt_is_kept_with_the_servers_own_words()
    {
        await using PostOffice office = await PostOffice.OpenAsync(authority);
        int asked = 0;
        office.Server.Recipient = address => address == "anna@example.com" && asked++ == 0 ? "450 4.2.1 come back later" : "250 2.1.5 ok";
        office.Server.End = _ => Task.FromResult("250 2.0.0 queued as 4711");
        await office.DeliverAllAsync(Samples.Paid());
        await office.UntilSentAsync(2, TimeSpan.FromMinutes(1));

        MailEntry client = (await ListAsync(office, new ListMails { Audience = "client" })).ShouldHaveSingleItem();
        client.Attempts.ShouldBe(2);
        client.Log.Select(l => (l.Attempt, l.Outcome, l.Reason)).ShouldBe([(1, "deferred", "mailbox_disabled"), (2, "sent", null)]);
        client.Log[0].Answer.ShouldContain("come back later");
        client.Log[1].Answer.ShouldContain("queued as 4711");
        client.Log[1].At.ShouldBeGreaterThan(client.Log[0].At);
        await Should.ThrowAsync<Npgsql.PostgresException>(() => office.ReadAsync<int>("UPDATE mail_attempt SET answer = 'never mind' RETURNING 1"));
        await Should.ThrowAsync<Npgsql.PostgresException>(() => office.ReadAsync<int>("DELETE FROM mail_attempt RETURNING 1"));
    }

    [Theory]
    [InlineData("550 5.1.1 no such user", "mailbox_unknown")]
    [InlineData("550 no such user", "mailbox_unknown")]
    [InlineData("552 5.2.2 over quota", "mailbox_full")]
    [InlineData("550 5.7.1 blocked", "policy_refused")]
    [InlineData("553 5.1.3 bad syntax", "address_invalid")]
    [InlineData("556 5.1.10 null MX", "host_unknown")]
    [InlineData("554 go away", "refused")]
    public async Task A_permanent_failure_has_a_name(string answer, string reason)
    {
        await using PostOffice office = await PostOffice.OpenAsync(authority);
        office.Server.Extensions.Add("ENHANCEDSTATUSCODES");
        office.Server.Recipient = address => address == "anna@example.com" ? answer : "250 2.1.5 ok";
        await office.DeliverAllAsync(Samples.Paid());
        await office.UntilAsync(async () => await office.CountAsync("state <> 'waiting'") == 2);
        MailEntry client = (await ListAsync(office, new ListMails { State = "failed" })).ShouldHaveSingleItem();
        client.Reason.ShouldBe(reason);
        client.LastError!.ShouldContain(answer[4..]);
        client.Log.ShouldHaveSingleItem().Outcome.ShouldBe("refused");
    }

    [Fact]
    public async Task A_company_finds_the_mails_to_itself_page_by_page_newest_first()
    {
        await using PostOffice office = await PostOffice.OpenAsync(authority);
        BookingFinished[] bookings = [.. Enumerable.Range(0, 3).Select(_ => Samples.Booking())];
        foreach (BookingFinished booking in bookings)
        {
            await office.DeliverAllAsync(Samples.Paid(booking));
        }
        BookingFinished other = Samples.Booking(company: Samples.Salon with { Id = 43 });
        await office.DeliverAllAsync(Samples.Paid(other));
        var own = new ListMails { CompanyId = 42, Audience = "company", Limit = 2 };
        (await ListAsync(office, own)).Select(m => m.BookingId).ShouldBe([bookings[2].BookingId, bookings[1].BookingId]);
        own.Page = 2;
        (await ListAsync(office, own)).Select(m => m.BookingId).ShouldBe([bookings[0].BookingId]);
        (await ListAsync(office, new ListMails { BookingId = other.BookingId.ToString() })).Select(m => m.Audience).ShouldBe(["client", "company"], ignoreOrder: true);
        (await ListAsync(office, new ListMails { CompanyId = 44 })).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_mail_sent_again_is_the_same_message_with_a_block_of_its_own()
    {
        await using PostOffice office = await PostOffice.OpenAsync(authority);
        await office.DeliverAllAsync(Samples.Paid());
        await office.UntilSentAsync(2);
        MailEntry mail = (await ListAsync(office, new ListMails { Audience = "company" })).Single();
        office.Time.Advance(TimeSpan.FromDays(30)); // long after it would have been given up

        ResendOutcome outcome = await ResendAsync(office, new ResendMail { Id = mail.Id, CompanyId = 42, Audience = "company" });

        outcome.ShouldBe(new ResendOutcome { Code = ResendOutcome.Types.Code.Queued, Number = 1 });
        await office.UntilAsync(() => Task.FromResult(office.Server.Mails.Count == 3), TimeSpan.FromSeconds(1));
        Received first = office.Server.Mails.Single(m => m.Message.MessageId == mail.MessageId && m.Message.ResentMessageId is null);
        Received second = office.Server.Mails[2];
        second.Recipients.ShouldBe(first.Recipients, ignoreOrder: true);
        second.Message.MessageId.ShouldBe(mail.MessageId);
        second.Message.ResentMessageId.ShouldBe(mail.MessageId.Replace("@", ".1@", StringComparison.Ordinal));
        second.Message.ResentFrom.ToString().ShouldContain("no-reply@localhost");
        second.Message.ResentDate.ShouldBeGreaterThan(second.Message.Date.AddDays(29));
        second.Raw.ShouldStartWith("Resent-Date: ");
        string[] block = ["Resent-Date", "Resent-From", "Resent-To", "Resent-Message-Id"];
        second.Message.Headers.Take(4).Select(h => h.Field).ShouldBe(block, StringComparer.OrdinalIgnoreCase);
        second.Raw.ShouldEndWith(first.Raw);
        MailEntry after = (await ListAsync(office, new ListMails { Audience = "company" })).Single();
        (after.State, after.Resends, after.Log.Count).ShouldBe(("sent", 1, 2));
    }

    [Fact]
    public async Task A_mail_is_sent_again_only_by_its_company_only_when_it_came_to_an_end_and_ten_times_at_most()
    {
        await using PostOffice office = await PostOffice.OpenAsync(authority, serve: false);
        await office.DeliverAllAsync(Samples.Paid());
        MailEntry mail = (await ListAsync(office, new ListMails { Audience = "company" })).Single();
        MailEntry clients = (await ListAsync(office, new ListMails { Audience = "client" })).Single();
        async Task<ResendOutcome.Types.Code> CodeAsync(long id, long company, string audience = "company") =>
            (await ResendAsync(office, new ResendMail { Id = id, CompanyId = company, Audience = audience })).Code;

        (await CodeAsync(mail.Id, 42)).ShouldBe(ResendOutcome.Types.Code.Waiting);
        (await CodeAsync(mail.Id, 43)).ShouldBe(ResendOutcome.Types.Code.NotFound);
        (await CodeAsync(clients.Id, 42)).ShouldBe(ResendOutcome.Types.Code.NotFound);
        (await CodeAsync(0, 42)).ShouldBe(ResendOutcome.Types.Code.NotFound);
        await office.ReadAsync<int>("UPDATE mail SET state = 'cancelled', resends = 9 RETURNING 1");
        (await CodeAsync(mail.Id, 42)).ShouldBe(ResendOutcome.Types.Code.Expired);
        await office.ReadAsync<int>("UPDATE mail SET state = 'failed' RETURNING 1");
        (await CodeAsync(mail.Id, 42)).ShouldBe(ResendOutcome.Types.Code.Queued);
        await office.ReadAsync<int>("UPDATE mail SET state = 'failed' RETURNING 1");
        (await CodeAsync(mail.Id, 42)).ShouldBe(ResendOutcome.Types.Code.Limit);
    }

    [Fact]
    public async Task Operators_see_the_last_reason_though_mails_without_one_wait_too()
    {
        await using PostOffice office = await PostOffice.OpenAsync(authority, serve: false);
        await office.DeliverAllAsync(Samples.Paid(), Samples.Paid());
        // Once more where an attempt that was under way has written its own reason after it.
        await Until.TrueAsync(async () =>
        {
            await office.ReadAsync<int>("UPDATE mail SET state = 'failed', finished_at = now(), last_error = '550 no' WHERE id = (SELECT min(id) FROM mail) RETURNING 1");
            await office.ReadAsync<int>("UPDATE mail SET state = 'cancelled', finished_at = now() + interval '1 day', last_error = '450 off' WHERE id = (SELECT max(id) FROM mail) RETURNING 1");
            await office.ReadAsync<int>("UPDATE mail SET last_error = NULL, next_at = now() + interval '1 day' WHERE state = 'waiting' RETURNING 1");

            QueueList list = await new Queues.QueuesClient(office.Service.Grpc()).DescribeAsync(new DescribeQueues());
            return list.Queues.Single(q => q.Name == "mail").LastError == "550 no";
        });
    }

    [Theory]
    [InlineData("")]
    [InlineData("user")]
    public async Task Only_our_own_services_see_it(string who)
    {
        await using PostOffice office = await PostOffice.OpenAsync(authority, serve: false);
        var mails = new Contracts.Queues.Mails.MailsClient(office.Service.Grpc(who.Length == 0 ? "" : authority.Provider.UserToken(TestUser.New())));
        await Should.ThrowAsync<RpcException>(async () => await mails.ListAsync(new ListMails { Page = 1, Limit = 1 }));
        await Should.ThrowAsync<RpcException>(async () => await mails.ResendAsync(new ResendMail { Id = 1 }));
    }

    private static async Task<MailEntry[]> ListAsync(PostOffice office, ListMails query)
    {
        (query.Page, query.Limit) = (Math.Max(1, query.Page), query.Limit == 0 ? 50 : query.Limit);
        return Json.Read<MailEntry[]>((await new Contracts.Queues.Mails.MailsClient(office.Service.Grpc()).ListAsync(query)).Json);
    }

    private static async Task<ResendOutcome> ResendAsync(PostOffice office, ResendMail request) => await new Contracts.Queues.Mails.MailsClient(office.Service.Grpc()).ResendAsync(request);
}
