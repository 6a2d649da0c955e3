using BookSaga.Contracts;
using BookSaga.Contracts.Events;
using BookSaga.Hosting.Data;
using Npgsql;

namespace BookSaga.Notification.Tests;

public sealed class UnfolderTests(Authority authority)
{
    [Fact]
    public async Task An_event_that_cannot_be_unfolded_waits_alone_and_its_neighbours_mails_are_sent()
    {
        await using PostOffice office = await PostOffice.OpenAsync(authority);
        BookingFinished broken = Samples.Booking();
        await ExecuteAsync("CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'refused'; END $$");
        await ExecuteAsync($"CREATE TRIGGER refuse BEFORE INSERT ON mail FOR EACH ROW WHEN (NEW.booking_id = '{broken.BookingId}') EXECUTE FUNCTION refuse()");

        await office.StoreAllAsync(Samples.Paid(), Samples.Paid(broken), Samples.Paid());
        await office.UntilSentAsync(4);
        (await office.FoldedAsync()).ShouldBe(1);
        (await office.ReadAsync<Guid>("SELECT booking_id FROM received WHERE payload IS NOT NULL")).ShouldBe(broken.BookingId);

        await ExecuteAsync("DROP TRIGGER refuse ON mail");
        await office.UntilSentAsync(6, TimeSpan.FromSeconds(5));

        Task ExecuteAsync(string sql) => office.Database.Db.ExecuteAsync(sql, CancellationToken.None);
    }

    [Theory]
    [InlineData("53300", 1)] // too many connections
    [InlineData("57P03", 1)] // starting up
    [InlineData("55000", 1)] // takes no connections
    [InlineData("P0001", 3)] // for good: all of them, the first one, and putting that off
    public async Task A_database_that_answers_and_refuses_is_asked_again_after_a_pause_and_no_event_is_blamed(string code, long tries)
    {
        await using PostOffice office = await PostOffice.OpenAsync(authority);
        await ExecuteAsync("CREATE SEQUENCE tries");
        await ExecuteAsync($"CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM nextval('tries'); RAISE 'refused' USING ERRCODE = '{code}'; END $$");
        await ExecuteAsync("CREATE TRIGGER refuse BEFORE UPDATE ON received FOR EACH ROW EXECUTE FUNCTION refuse()");

        await office.StoreAllAsync(Samples.Paid());
        await office.UntilAsync(async () => await TriesAsync() >= tries);
        await Task.Delay(TimeSpan.FromSeconds(1));
        (await TriesAsync()).ShouldBe(tries);
        await office.UntilAsync(async () => await TriesAsync() >= tries + 2, TimeSpan.FromSeconds(1));
        (await office.ReadAsync<bool>("SELECT unfold_at = received_at FROM received")).ShouldBeTrue();

        await ExecuteAsync("DROP TRIGGER refuse ON received");
        await office.UntilSentAsync(2, TimeSpan.FromSeconds(1));

        Task ExecuteAsync(string sql) => office.Database.Db.ExecuteAsync(sql, CancellationToken.None);
        Task<long> TriesAsync() => office.ReadAsync<long>("SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM tries");
    }

    [Fact]
    public async Task A_burst_is_written_out_slowly_once_far_ahead_of_the_mail_server_and_all_of_it_arrives()
    {
        // The first mail is held until everything is stored, so that the queue cannot shrink meanwhile.
        await using PostOffice office = await PostOffice.OpenAsync(authority, settings: new() { ["Mail:Connections"] = "1", ["Mail:Timeout"] = "00:01:00" });
        var gate = new TaskCompletionSource();
        office.Server.End = async _ =>
        {
            await gate.Task;
            return "250 taken";
        };
        Event[] events = [.. Enumerable.Range(0, 400).Select(_ => Samples.Paid())];

        await office.StoreAllAsync(events);
        await office.UntilAsync(async () => await office.CountAsync("true") >= 500);
        (await office.CountAsync("true")).ShouldBeInRange(500, 700);
        (await office.FoldedAsync()).ShouldBeInRange(50, 150);

        // Slowly, also while the mail server takes nothing: webhooks do not wait for it.
        await office.UntilAsync(async () => await office.FoldedAsync() == 0, TimeSpan.FromSeconds(1));
        gate.SetResult();
        await office.UntilSentAsync(800, TimeSpan.FromSeconds(1));
        office.Server.Mails.Select(m => m.Message.MessageId).Distinct().Count().ShouldBe(800);
    }

    [Fact]
    public async Task A_cancellation_that_comes_together_with_its_payment_is_mailed_after_it_and_answers_it()
    {
        await using PostOffice office = await PostOffice.OpenAsync(authority);
        (Guid Paid, Guid Cancelled, BookingFinished Booking)[] all = [.. Enumerable.Range(0, 100).Select(_ => (Guid.NewGuid(), Guid.NewGuid(), Samples.Booking()))];

        // By one commit, the later one first; but for the very first event, which waits alone until all others are there.
        Event[] events = [.. all.SelectMany(b => (Event[])
        [
            Samples.Event(EventTypes.BookingCancelled, Samples.Cancelled("customer", null, 150050, b.Booking) with { OccurredAt = b.Booking.OccurredAt.AddMinutes(1) }, b.Cancelled),
            Samples.Paid(b.Booking, b.Paid),
        ])];
        await using (NpgsqlConnection connection = await office.Database.Db.OpenConnectionAsync())
        await using (NpgsqlTransaction gate = await connection.BeginTransactionAsync())
        {
            await using NpgsqlCommand hold = connection.Sql("LOCK TABLE received IN SHARE MODE");
            await hold.ExecuteNonQueryAsync();
            Task first = office.StoreAllAsync(Samples.Paid(Samples.Booking()));
            await office.UntilAsync(async () => await office.ReadAsync<long>("SELECT count(*) FROM pg_locks WHERE relation = 'received'::regclass AND NOT granted") == 1);
            Task others = office.StoreAllAsync(events);
            await Task.Delay(TimeSpan.FromSeconds(1));
            await gate.CommitAsync();
            await Task.WhenAll(first, others);
        }
        await office.UntilSentAsync(402, TimeSpan.FromSeconds(1));

        string[] order = [.. office.Server.Mails.Select(m => m.Message.MessageId!.Split('@')[0])];
        order.Length.ShouldBe(402);
        string[] audiences = ["client", "company"];
        all.SelectMany(b => audiences.Where(a => Array.IndexOf(order, $"{b.Cancelled:N}.{a}") < Array.IndexOf(order, $"{b.Paid:N}.{a}"))).ShouldBeEmpty();
        (await office.CountAsync("kind = 'cancelled' AND in_reply_to IS NOT NULL")).ShouldBe(200);
    }

    [Fact]
    public async Task A_cancellation_waits_for_its_payment_while_another_replica_has_that()
    {
        await using PostOffice office = await PostOffice.OpenAsync(authority);
        BookingFinished booking = Samples.Booking();
        (Guid paid, Guid cancelled) = (Guid.NewGuid(), Guid.NewGuid());
        await using (NpgsqlConnection connection = await office.Database.Db.OpenConnectionAsync())
        {
            // As if stored, and not due before it is held.
            await office.Database.Db.ExecuteAsync(
                "INSERT INTO received (event_id, type, booking_id, occurred_at, received_at, payload, unfold_at) VALUES ($1, $2, $3, $4, $5, $6::json, $5)", CancellationToken.None,
                paid, EventTypes.BookingPaid, booking.BookingId, booking.OccurredAt, office.Time.GetUtcNow().AddSeconds(10), Json.Write(booking));
            await using NpgsqlTransaction replica = await connection.BeginTransactionAsync();
            await using NpgsqlCommand hold = connection.Sql("SELECT FROM received FOR UPDATE");
            await hold.ExecuteNonQueryAsync();
            office.Time.Advance(TimeSpan.FromSeconds(10));
            await office.StoreAllAsync(
                Samples.Event(EventTypes.BookingCancelled, Samples.Cancelled("customer", null, 150050, booking) with { OccurredAt = booking.OccurredAt.AddMinutes(1) }, cancelled), Samples.Paid());
            await office.UntilSentAsync(2);
            await Task.Delay(TimeSpan.FromSeconds(1));
            (await office.FoldedAsync()).ShouldBe(2);
            await replica.RollbackAsync();
        }
        await office.UntilSentAsync(6, TimeSpan.FromSeconds(1));
        (await office.CountAsync("kind = 'cancelled' AND in_reply_to IS NOT NULL")).ShouldBe(2);
    }

    [Fact]
    public async Task A_mail_that_could_not_be_delivered_does_not_hold_up_the_one_that_answers_it()
    {
        await using PostOffice office = await PostOffice.OpenAsync(authority);
        BookingFinished booking = Samples.Booking();
        office.Server.End = mail => Task.FromResult(mail.Message.InReplyTo is null ? "452 4.2.2 mailbox full" : "250 taken");

        await office.StoreAllAsync(Samples.Paid(booking), Samples.Event(EventTypes.BookingCancelled, Samples.Cancelled("customer", null, 150050, booking) with { OccurredAt = booking.OccurredAt.AddMinutes(1) }));
        await office.UntilSentAsync(2, TimeSpan.FromSeconds(1));
        (await office.CountAsync("kind = 'paid' AND state = 'waiting'")).ShouldBe(2);
    }
}
