using BookSaga.Contracts;
using BookSaga.Contracts.People;
using BookSaga.Contracts.Queues;
using BookSaga.Hosting.Data;
using Npgsql;

namespace BookSaga.Notification.Tests;

public sealed class PeopleTests(Authority authority)
{
    [Fact]
    public async Task The_log_of_attempts_loses_words_that_name_somebody_and_nothing_else()
    {
        await using PostOffice office = await PostOffice.OpenAsync(authority);
        await office.DeliverAllAsync(Samples.Paid());
        await office.UntilAsync(async () => await office.CountAsync("state = 'waiting'") == 0);
        string booking = (await office.ReadAsync<Guid>("SELECT booking_id FROM mail LIMIT 1")).ToString();
        string client = (await office.ReadAsync<string>("SELECT to_addresses[1] FROM mail WHERE audience = 'client'"))!;

        await new Contracts.People.People.PeopleClient(office.Service.Grpc()).EraseAsync(new Person { UserId = Guid.NewGuid().ToString(), Email = client, BookingIds = { booking } });

        (await office.CountAsync("audience = 'client' AND subject <> '' AND to_addresses = '{}' AND text_body = '' AND html_body = '' AND to_name IS NULL")).ShouldBe(1);
        (await office.CountAsync("audience = 'company' AND to_addresses <> '{}' AND text_body = ''")).ShouldBe(1);
        (await office.ReadAsync<long>("SELECT count(*) FROM mail_attempt a JOIN mail m ON m.id = a.mail_id WHERE m.audience = 'client' AND a.answer <> ''")).ShouldBe(0);
        (await office.ReadAsync<long>("SELECT count(*) FROM mail_attempt WHERE outcome = 'sent'")).ShouldBe(2);
        foreach (string rewriting in new[] { "UPDATE mail_attempt SET answer = 'x'", "UPDATE mail_attempt SET outcome = 'refused', answer = ''", "DELETE FROM mail_attempt" })
        {
            await Should.ThrowAsync<PostgresException>(() => office.Database.Db.ExecuteAsync(rewriting, default));
        }
    }

    [Fact]
    public async Task A_forgotten_mail_is_not_sent_again_and_is_no_dead_letter()
    {
        await using PostOffice office = await PostOffice.OpenAsync(authority);
        BookingFinished booking = Samples.Booking();
        office.Server.Recipient = _ => "550 no such user";
        await office.DeliverAllAsync(Samples.Paid(booking));
        await office.UntilAsync(async () => await office.CountAsync("state = 'failed'") == 2);
        var queues = new Queues.QueuesClient(office.Service.Grpc());
        DeadLetter[] dead = [.. (await queues.DeadLettersAsync(new ListDeadLetters { Limit = 10 })).Letters];
        dead.Length.ShouldBe(2);
        await EraseAsync(office, booking);
        office.Server.Behave();

        (await queues.DescribeAsync(new DescribeQueues())).Queues.Single(q => q.Name == "mail").Dead.ShouldBe(0);
        (await queues.DeadLettersAsync(new ListDeadLetters { Limit = 10 })).Letters.ShouldBeEmpty();
        (await queues.ReplayAsync(new ReplayDeadLetters { Ids = { dead.Select(d => d.Id) } })).Count.ShouldBe(0);
        var mails = new Contracts.Queues.Mails.MailsClient(office.Service.Grpc());
        foreach (MailEntry mail in Json.Read<MailEntry[]>((await mails.ListAsync(new ListMails { Page = 1, Limit = 10 })).Json))
        {
            (await mails.ResendAsync(new ResendMail { Id = mail.Id })).Code.ShouldBe(ResendOutcome.Types.Code.Expired);
        }
        (await office.CountAsync("state = 'failed'")).ShouldBe(2);
    }

    private static async Task EraseAsync(PostOffice office, BookingFinished? booking = null, string email = "anna@example.com", params long[] companies)
    {
        var person = new Person { UserId = Guid.NewGuid().ToString(), Email = email, CompanyIds = { companies } };
        if (booking is not null)
        {
            person.BookingIds.Add(booking.BookingId.ToString());
        }
        await new Contracts.People.People.PeopleClient(office.Service.Grpc()).EraseAsync(person);
    }
}
