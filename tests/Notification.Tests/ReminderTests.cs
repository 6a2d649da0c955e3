using BookSaga.Contracts;
using BookSaga.Contracts.Customer;
using BookSaga.Hosting.Data;
using BookSaga.Notification.Reminders;
using Npgsql;

namespace BookSaga.Notification.Tests;

public sealed class ReminderTests(Authority authority)
{
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    [Fact]
    public async Task A_client_is_reminded_a_day_and_an_hour_before_and_the_company_is_not()
    {
        await using PostOffice office = await PostOffice.OpenAsync(authority);
        BookingFinished booking = await PaidAsync(office, TimeSpan.FromHours(30));

        office.Time.Advance(TimeSpan.FromHours(5.9));
        await SettleAsync(office);
        office.Server.Mails.Count.ShouldBe(2);
        office.Time.Advance(TimeSpan.FromHours(0.2));
        await office.UntilSentAsync(3, TimeSpan.FromSeconds(1));
        office.Time.Advance(TimeSpan.FromHours(22.5));
        await SettleAsync(office);
        office.Server.Mails.Count.ShouldBe(3);
        office.Time.Advance(TimeSpan.FromHours(0.5));
        await office.UntilSentAsync(4, TimeSpan.FromSeconds(1));

        Received[] reminders = [.. office.Server.Mails.Skip(2)];
        reminders.ShouldAllBe(m => m.Recipients.Single() == "anna@example.com");
        reminders[0].Message.Subject!.ShouldStartWith("Напоминание о записи: ");
        reminders[1].Message.Subject!.ShouldStartWith("Скоро ваша запись: ");
        reminders.ShouldAllBe(m => m.Message.TextBody!.Contains(booking.BookingId.ToString(), StringComparison.Ordinal));
        (await office.ReadAsync<long>("SELECT count(*) FROM reminder WHERE state = 'written' AND booking IS NULL")).ShouldBe(2);
    }

    [Fact]
    public async Task A_reminder_can_be_ended_by_one_click_and_answers_the_mail_of_the_booking()
    {
        await using PostOffice office = await PostOffice.OpenAsync(authority, settings: new() { ["Mail:PublicUrl"] = "https://book.example.com/" });
        await PaidAsync(office, TimeSpan.FromHours(2));
        await office.UntilSentAsync(2);
        office.Time.Advance(Hour);
        await office.UntilSentAsync(3, TimeSpan.FromSeconds(1));

        MimeKit.MimeMessage reminder = office.Server.Mails[2].Message;
        reminder.Headers["List-Unsubscribe"].ShouldBe("<https://book.example.com/api/v1/customer/reminders/unsubscribe/token-of-anna>");
        reminder.Headers["List-Unsubscribe-Post"].ShouldBe("List-Unsubscribe=One-Click");
        reminder.InReplyTo.ShouldBe(office.Server.Mails.Single(m => m.Recipients.Contains("anna@example.com") && m != office.Server.Mails[2]).Message.MessageId);
        office.Server.Mails.Take(2).ShouldAllBe(m => !m.Message.Headers.Contains("List-Unsubscribe"));
    }

    [Theory]
    [InlineData(23.5, 1)]
    [InlineData(24.5, 2)]
    [InlineData(0.9, 0)]
    [InlineData(-1, 0)]
    public async Task What_would_have_been_due_before_the_booking_is_not_planned(double hours, int reminders)
    {
        await using PostOffice office = await PostOffice.OpenAsync(authority);
        await PaidAsync(office, TimeSpan.FromHours(hours));
        (await office.ReadAsync<long>("SELECT count(*) FROM reminder")).ShouldBe(reminders);
    }

    [Theory]
    [InlineData("2027-03-28T10:00:00Z", "2027-03-27T10:00:00Z", "Sunday, 28 March 2027, 12:00 (Europe/Berlin, UTC+02:00)")]
    [InlineData("2027-10-31T10:00:00Z", "2027-10-30T10:00:00Z", "Sunday, 31 October 2027, 11:00 (Europe/Berlin, UTC+01:00)")]
    public async Task Across_a_change_of_clocks_it_is_24_hours_and_the_time_is_the_zones(string time, string due, string shown)
    {
        await using PostOffice office = await PostOffice.OpenAsync(authority);
        BookingFinished booking = Samples.Booking(customer: Samples.Anna with { Locale = "en", TimeZone = "Europe/Berlin" }, time: DateTimeOffset.Parse(time));
        await office.DeliverAllAsync(Samples.Paid(booking));
        (await office.ReadAsync<DateTimeOffset>("SELECT due_at FROM reminder WHERE kind = 'day_before'")).ShouldBe(DateTimeOffset.Parse(due));
        office.Time.SetUtcNow(DateTimeOffset.Parse(due));
        await office.UntilSentAsync(3, TimeSpan.FromSeconds(1));
        office.Server.Mails.Single(m => m.Message.Subject!.StartsWith("Booking reminder", StringComparison.Ordinal)).Message.TextBody!.ShouldContain("Time: " + shown);
    }

    [Fact]
    public async Task The_profile_of_now_decides_about_sending_language_and_zone()
    {
        await using PostOffice office = await PostOffice.OpenAsync(authority);
        office.Customer.Fact = id => new ReminderFact
        {
            BookingId = id, Status = "paid", DayBefore = false, HourBefore = true, Locale = "en", TimeZone = "America/New_York", UnsubscribeToken = "t",
        };
        await PaidAsync(office, TimeSpan.FromHours(25));
        office.Time.Advance(Hour + Minute);
        await office.UntilAsync(async () => await office.ReadAsync<long>("SELECT count(*) FROM reminder WHERE state = 'off'") == 1, TimeSpan.FromSeconds(1));
        office.Time.Advance(TimeSpan.FromHours(23));
        await office.UntilSentAsync(3, TimeSpan.FromSeconds(1));
        office.Server.Mails.Count.ShouldBe(3);
        office.Server.Mails[2].Message.TextBody!.ShouldContain("(America/New_York, UTC-0");
    }

    [Fact]
    public async Task A_cancellation_ends_the_reminders_in_either_order_of_arrival()
    {
        await using PostOffice office = await PostOffice.OpenAsync(authority);
        BookingFinished early = await PaidAsync(office, TimeSpan.FromHours(30));
        await office.DeliverAllAsync(Samples.Event(EventTypes.BookingCancelled, Samples.Cancelled("customer", null, 0, early)));
        (await office.ReadAsync<long>("SELECT count(*) FROM reminder WHERE state = 'cancelled'")).ShouldBe(2);

        BookingFinished late = Samples.Booking(time: office.Time.GetUtcNow().AddHours(30));
        await office.DeliverAllAsync(Samples.Event(EventTypes.BookingCancelled, Samples.Cancelled("customer", null, 0, late)));
        await office.DeliverAllAsync(Samples.Paid(late));
        office.Customer.Fact = id => new ReminderFact { BookingId = id, Status = "cancelled", DayBefore = true, HourBefore = true };
        await office.UntilSentAsync(8);
        office.Time.Advance(TimeSpan.FromHours(6.5));
        await office.UntilAsync(async () => await office.ReadAsync<long>("SELECT count(*) FROM reminder WHERE state = 'cancelled'") == 3, TimeSpan.FromSeconds(1));
        office.Server.Mails.Count.ShouldBe(8);
        (await office.ReadAsync<long>("SELECT count(*) FROM mail WHERE expires_at IS NOT NULL")).ShouldBe(0);
    }

    [Fact]
    public async Task A_reminder_that_waits_for_the_mail_server_is_called_off_with_its_booking()
    {
        await using PostOffice office = await PostOffice.OpenAsync(authority, serve: false);
        BookingFinished booking = await PaidAsync(office, TimeSpan.FromHours(2));
        office.Time.Advance(Hour);
        await office.UntilAsync(async () => await office.CountAsync("kind = 'hour_before'") == 1, TimeSpan.FromSeconds(1));
        await office.DeliverAllAsync(Samples.Event(EventTypes.BookingCancelled, Samples.Cancelled("company", "ill", 1, booking)));
        (await office.CountAsync("kind = 'hour_before' AND state = 'cancelled'")).ShouldBe(1);

        // A cancellation that was stored while the reminder was being written did not see it; the last look before sending does.
        await office.ReadAsync<int>("UPDATE mail SET state = 'waiting' WHERE kind = 'hour_before' RETURNING 1");
        office.Server.Start();
        await office.UntilSentAsync(4, TimeSpan.FromSeconds(1));
        await office.UntilAsync(async () => await office.CountAsync("kind = 'hour_before' AND state = 'cancelled'") == 1, TimeSpan.FromSeconds(1));
        office.Server.Mails.Count.ShouldBe(4);
    }

    [Fact]
    public async Task A_reminder_that_is_about_to_leave_while_it_is_called_off_does_not_leave()
    {
        await using PostOffice office = await PostOffice.OpenAsync(authority, serve: false);
        BookingFinished booking = Samples.Booking(company: Samples.Salon with { Email = null, ManagerEmails = [] }, time: office.Time.GetUtcNow().AddHours(2));
        await office.DeliverAllAsync(Samples.Paid(booking));
        office.Time.Advance(Hour);
        await office.UntilAsync(async () => await office.CountAsync("last_error IS NOT NULL") == 2, TimeSpan.FromSeconds(1));
        var gate = new TaskCompletionSource();
        office.Server.End = async _ =>
        {
            await gate.Task;
            return "250 taken";
        };
        office.Server.Start();
        // Both are claimed by then, and the first one is on its way.
        await office.ReadAsync<int>("UPDATE mail SET next_at = created_at RETURNING 1");
        await office.UntilAsync(() => Task.FromResult(office.Server.Connections > 0), TimeSpan.FromSeconds(1));

        await using (NpgsqlConnection connection = await office.Database.Db.OpenConnectionAsync())
        await using (NpgsqlTransaction unfolding = await connection.BeginTransactionAsync())
        {
            await office.ReadAsync<int>($"""
                INSERT INTO received (event_id, type, booking_id, occurred_at, received_at)
                VALUES (gen_random_uuid(), '{EventTypes.BookingCancelled}', '{booking.BookingId}', now(), now()) RETURNING 1
                """);
            await using NpgsqlCommand callOff = connection.Sql("UPDATE mail SET state = 'cancelled', finished_at = now() WHERE kind = 'hour_before'");
            await callOff.ExecuteNonQueryAsync();
            gate.SetResult();
            await office.UntilAsync(async () => await office.ReadAsync<long>("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'") > 0);
            await unfolding.CommitAsync();
        }
        await office.UntilSentAsync(1);
        await SettleAsync(office);
        office.Server.Mails.Count.ShouldBe(1);
        (await office.CountAsync("kind = 'hour_before' AND state = 'cancelled'")).ShouldBe(1);
    }

    [Fact]
    public async Task While_a_cancellation_has_not_ended_a_reminder_waits()
    {
        await using PostOffice office = await PostOffice.OpenAsync(authority);
        string status = "cancelling";
        office.Customer.Fact = id => new ReminderFact { BookingId = id, Status = status, DayBefore = true, HourBefore = true, UnsubscribeToken = "t" };
        await PaidAsync(office, TimeSpan.FromHours(2));
        await office.UntilSentAsync(2);
        office.Time.Advance(Hour);
        await office.UntilAsync(() => Task.FromResult(office.Customer.Calls >= 2), TimeSpan.FromSeconds(1));
        (await office.CountAsync("kind = 'hour_before'")).ShouldBe(0);
        status = "paid"; // it was refused
        await office.UntilSentAsync(3, TimeSpan.FromSeconds(1));
    }

    [Fact]
    public async Task While_the_customer_service_is_away_reminders_wait_and_those_of_the_past_are_not_written()
    {
        await using PostOffice office = await PostOffice.OpenAsync(authority);
        office.Customer.Down = true;
        await PaidAsync(office, TimeSpan.FromHours(2));
        await PaidAsync(office, TimeSpan.FromHours(4));
        await office.UntilSentAsync(4);
        office.Time.Advance(Hour);
        await office.UntilAsync(() => Task.FromResult(office.Customer.Calls > 2), TimeSpan.FromSeconds(1));
        office.Time.Advance(TimeSpan.FromHours(2));
        office.Customer.Down = false;
        await office.UntilSentAsync(5, TimeSpan.FromSeconds(1));
        (await office.ReadAsync<long>("SELECT count(*) FROM reminder WHERE state = 'late'")).ShouldBe(1);
        office.Server.Mails.Count.ShouldBe(5);
    }

    [Fact]
    public async Task Three_replicas_remind_once_and_a_lost_answer_repeats_nothing()
    {
        await using PostOffice office = await PostOffice.OpenAsync(authority, replicas: 3);
        await office.DeliverAllAsync(Enumerable.Range(0, 100).Select(_ => Samples.Paid(Samples.Booking(time: office.Time.GetUtcNow().AddHours(2)))));
        await office.UntilSentAsync(200);
        office.Time.Advance(Hour);
        await office.UntilSentAsync(300, TimeSpan.FromSeconds(1));
        // As after a crash before its commit was known: due again, and already written.
        (await office.ReadAsync<long>("WITH again AS (UPDATE reminder SET next_at = 'epoch' RETURNING 1) SELECT count(*) FROM again")).ShouldBe(100);
        office.Time.Advance(Minute);
        await SettleAsync(office);
        office.Server.Mails.Count.ShouldBe(300);
        office.Server.Mails.Select(m => m.Message.MessageId).Distinct().Count().ShouldBe(300);
        await Should.ThrowAsync<Npgsql.PostgresException>(() => office.ReadAsync<int>(
            "INSERT INTO reminder SELECT booking_id, kind, recipient, gen_random_uuid(), due_at, expires_at, booking, state, attempts, next_at, finished_at FROM reminder LIMIT 1"));
    }

    [Fact]
    public async Task A_crash_between_claim_and_commit_loses_no_reminder()
    {
        await using PostOffice office = await PostOffice.OpenAsync(authority);
        await PaidAsync(office, TimeSpan.FromHours(2));
        await office.UntilSentAsync(2);
        var down = new TaskCompletionSource();
        office.Customer.Fact = id =>
        {
            office.Database.TakeDownAsync().GetAwaiter().GetResult();
            down.TrySetResult();
            return CustomerService.Paid(id);
        };
        office.Time.Advance(Hour);
        await office.UntilAsync(() => Task.FromResult(down.Task.IsCompleted), TimeSpan.FromSeconds(1));
        office.Customer.Fact = id => CustomerService.Paid(id);
        await office.Database.RestoreAsync();
        await office.UntilSentAsync(3, TimeSpan.FromSeconds(2));
        office.Server.Mails.Count.ShouldBe(3);
    }

    [Fact]
    public async Task A_reminder_that_no_server_takes_in_time_is_not_sent_later()
    {
        await using PostOffice office = await PostOffice.OpenAsync(authority);
        await PaidAsync(office, TimeSpan.FromHours(2));
        await office.UntilSentAsync(2);
        office.Server.Recipient = _ => "451 not now";
        office.Time.Advance(Hour);
        await office.UntilAsync(async () => await office.CountAsync("kind = 'hour_before' AND last_error LIKE '%451%'") == 1, TimeSpan.FromSeconds(1));
        office.Server.Recipient = _ => "250 ok";
        office.Time.Advance(Hour);
        await office.UntilAsync(async () => await office.CountAsync("kind = 'hour_before' AND state = 'failed' AND reason = 'too_late'") == 1, TimeSpan.FromSeconds(1));
        office.Server.Mails.Count.ShouldBe(2);
    }

    [Fact]
    public void A_plan_without_an_offer_is_empty() =>
        Reminder.Plan(Guid.NewGuid(), Samples.Booking() with { Snapshot = null }, Samples.Appointment).ShouldBeEmpty();

    private static async Task<BookingFinished> PaidAsync(PostOffice office, TimeSpan ahead)
    {
        BookingFinished booking = Samples.Booking(time: office.Time.GetUtcNow() + ahead);
        await office.DeliverAllAsync(Samples.Paid(booking));
        return booking;
    }

    // A few rounds of every pump: what would be sent wrongly would be sent by then.
    private static async Task SettleAsync(PostOffice office)
    {
        for (int round = 0; round < 10; round++)
        {
            office.Time.Advance(TimeSpan.FromSeconds(1));
            await Task.Delay(25);
        }
    }
}
