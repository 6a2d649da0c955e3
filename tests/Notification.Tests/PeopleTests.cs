using System.Text;
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

    [Fact]
    public async Task An_event_that_comes_after_its_client_was_forgotten_brings_nobody_back()
    {
        await using PostOffice office = await PostOffice.OpenAsync(authority);
        BookingFinished booking = Samples.Booking();
        await EraseAsync(office, booking);
        await office.DeliverAllAsync(Samples.Paid(booking), Samples.Paid());
        await office.UntilSentAsync(2);
        (await office.CountAsync($"booking_id = '{booking.BookingId}'")).ShouldBe(0);
        (await office.ReadAsync<long>($"SELECT count(*) FROM reminder WHERE booking_id = '{booking.BookingId}'")).ShouldBe(0);
    }

    [Fact]
    public async Task What_is_being_made_of_an_event_while_its_client_is_forgotten_is_forgotten_too()
    {
        await using PostOffice office = await PostOffice.OpenAsync(authority, serve: false);
        BookingFinished booking = Samples.Booking(time: office.Time.GetUtcNow().AddDays(2));
        Task erased;
        await using (NpgsqlConnection connection = await office.Database.Db.OpenConnectionAsync())
        await using (NpgsqlTransaction gate = await connection.BeginTransactionAsync())
        {
            await using NpgsqlCommand hold = connection.Sql("LOCK TABLE reminder IN SHARE MODE");
            await hold.ExecuteNonQueryAsync();
            await office.StoreAllAsync(Samples.Paid(booking));
            await office.UntilAsync(() => WaitsAsync("WITH arrived%"));
            erased = EraseAsync(office, booking);
            await office.UntilAsync(() => WaitsAsync("UPDATE received%"));
            await gate.CommitAsync();
        }
        await erased;
        (await office.CountAsync("true")).ShouldBe(2);
        (await office.CountAsync("state <> 'cancelled' OR text_body <> '' OR html_body <> '' OR (audience = 'client' AND to_addresses <> '{}')")).ShouldBe(0);
        (await office.ReadAsync<long>("SELECT count(*) FROM reminder WHERE booking IS NOT NULL OR state = 'waiting'")).ShouldBe(0);

        Task<bool> WaitsAsync(string statement) =>
            office.ReadAsync<bool>($"SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE '{statement}')");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_mail_that_travels_while_somebody_is_forgotten_does_not_bring_them_back(bool client)
    {
        await using PostOffice office = await PostOffice.OpenAsync(authority);
        BookingFinished booking = Samples.Booking();
        string audience = client ? "client" : "company";
        string address = client ? "anna@example.com" : "boss@example.com";
        (TaskCompletionSource travels, TaskCompletionSource gate) = (new(), new());
        office.Server.End = async mail =>
        {
            if (mail.Recipients.Contains(address))
            {
                travels.TrySetResult();
                await gate.Task;
            }
            return $"250 taken for {mail.Recipients[^1]}";
        };
        office.Server.Recipient = to => to == "desk@example.com" ? "550 no desk" : "250 ok";
        await office.DeliverAllAsync(Samples.Paid(booking));
        await travels.Task.InTimeAsync();
        await (client ? EraseAsync(office, booking) : EraseAsync(office, null, address, 42));
        gate.SetResult();
        await office.UntilAsync(async () => await office.CountAsync($"audience = '{audience}' AND state = 'sent'") == 1);
        (await office.ReadAsync<string>($"SELECT concat_ws(' ', to_addresses, cc_addresses, accepted, pending, last_error) FROM mail WHERE audience = '{audience}'"))
            .ShouldBe(client ? "{} {} {} {}" : "{salon@example.com} {desk@example.com} {salon@example.com} {}");
        (await office.ReadAsync<string>($"SELECT string_agg(answer, '') FROM mail_attempt a JOIN mail m ON m.id = a.mail_id WHERE audience = '{audience}'")).ShouldBe("");
    }

    [Fact]
    public async Task Dead_letters_of_the_persons_bookings_go_and_others_stay()
    {
        await using PostOffice office = await PostOffice.OpenAsync(authority);
        (BookingFinished gone, BookingFinished other) = (Samples.Booking(), Samples.Booking());
        foreach (byte[] payload in new[] { Encoding.UTF8.GetBytes(Json.Write(gone)), Encoding.UTF8.GetBytes(Json.Write(other)), [0, 0xFF] })
        {
            await office.Database.Db.ExecuteAsync(
                "INSERT INTO dead_letter (id, type, payload, reason, attempts, occurred_at, next_at) VALUES (gen_random_uuid(), 'x', $1, 'x', 5, now(), now() + interval '1 day')",
                CancellationToken.None, payload);
        }
        await EraseAsync(office, gone);
        (await office.ReadAsync<long>("SELECT count(*) FROM dead_letter")).ShouldBe(2);
        (await office.ReadAsync<long>($"SELECT count(*) FROM dead_letter WHERE position('{gone.BookingId}'::bytea IN payload) > 0")).ShouldBe(0);
    }

    [Fact]
    public async Task A_manager_who_was_forgotten_gets_no_mail_of_an_event_that_was_stored_before()
    {
        await using PostOffice office = await PostOffice.OpenAsync(authority);
        BookingFinished booking = Samples.Booking();
        await office.Database.Db.ExecuteAsync(
            "INSERT INTO received (event_id, type, booking_id, occurred_at, received_at, payload, unfold_at) VALUES (gen_random_uuid(), $1, $2, $3, $3, $4::json, $5)",
            CancellationToken.None, EventTypes.BookingPaid, booking.BookingId, booking.OccurredAt, Json.Write(booking), office.Time.GetUtcNow().AddMinutes(1));
        await EraseAsync(office, null, "boss@example.com", 42);
        (await office.ReadAsync<long>("SELECT count(*) FROM received WHERE payload::text LIKE '%boss@%'")).ShouldBe(0);
        office.Time.Advance(TimeSpan.FromMinutes(1));
        await office.UntilSentAsync(2, TimeSpan.FromSeconds(1));
        (await office.ReadAsync<string>("SELECT concat_ws(' ', to_addresses, cc_addresses) FROM mail WHERE audience = 'company'")).ShouldBe("{salon@example.com} {desk@example.com}");
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
