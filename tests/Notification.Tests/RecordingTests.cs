using BookSaga.Contracts;
using BookSaga.Hosting.Data;

namespace BookSaga.Notification.Tests;

/// <summary>What the server has taken and the service could not record.</summary>
public sealed class RecordingTests(Authority authority)
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    // Nobody to tell but the client: one mail for each booking.
    private static readonly CompanyChanged Alone = Samples.Salon with { Email = null, ManagerEmails = [] };

    [Fact]
    public async Task A_process_that_ends_between_sending_and_recording_repeats_the_mail_under_its_message_id()
    {
        await using PostOffice office = await PostOffice.OpenAsync(authority);
        await SendAndLoseTheDatabaseAsync(office);
        await office.EndAsync();
        await office.Database.RestoreAsync();
        await office.AddReplicaAsync();
        await office.UntilSentAsync(1, Minute);
        office.Server.Mails.Count.ShouldBe(2);
        office.Server.Mails[1].Raw.ShouldBe(office.Server.Mails[0].Raw);
        (await office.ReadAsync<int>("SELECT attempts FROM mail")).ShouldBe(2);
    }

    [Fact]
    public async Task A_database_that_is_away_between_sending_and_recording_repeats_no_mail()
    {
        await using PostOffice office = await PostOffice.OpenAsync(authority);
        await SendAndLoseTheDatabaseAsync(office);
        for (int i = 0; i < 20; i++)
        {
            office.Time.Advance(TimeSpan.FromSeconds(1));
            await Task.Delay(25, TestContext.Current.CancellationToken);
        }
        await office.Database.RestoreAsync();
        await office.UntilSentAsync(1, TimeSpan.FromMilliseconds(100));
        office.Server.Mails.Count.ShouldBe(1);
        (await office.ReadAsync<int>("SELECT attempts FROM mail")).ShouldBe(1);
        (await office.ReadAsync<long>("SELECT count(*) FROM mail_attempt")).ShouldBe(1);
    }

    [Fact]
    public async Task A_record_that_is_refused_for_good_holds_up_no_other_mail()
    {
        await using PostOffice office = await PostOffice.OpenAsync(authority, settings: new() { ["Mail:Connections"] = "1" });
        BookingFinished broken = Samples.Booking(company: Alone);
        await office.Database.Db.ExecuteAsync("CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'refused'; END $$", CancellationToken.None);
        await office.Database.Db.ExecuteAsync(
            $"CREATE TRIGGER refuse BEFORE UPDATE ON mail FOR EACH ROW WHEN (NEW.state = 'sent' AND NEW.booking_id = '{broken.BookingId}') EXECUTE FUNCTION refuse()", CancellationToken.None);
        await office.DeliverAllAsync(Samples.Paid(broken));
        await office.UntilAsync(() => Task.FromResult(office.Server.Mails.Count > 0));
        await office.DeliverAllAsync(Samples.Paid(Samples.Booking(company: Alone)));
        await office.UntilSentAsync(1, TimeSpan.FromMilliseconds(200));
    }

    [Fact]
    public async Task A_character_that_the_database_does_not_have_is_left_out_of_the_servers_words()
    {
        await using PostOffice office = await PostOffice.OpenAsync(authority);
        office.Server.End = _ => Task.FromResult("250 taken\0as 7");
        office.Server.Recipient = address => address == "anna@example.com" ? "550 no\0such user" : "250 ok";
        await office.DeliverAllAsync(Samples.Paid());
        await office.UntilAsync(async () => await office.CountAsync("state <> 'waiting'") == 2);
        (await office.ReadAsync<string>("SELECT last_error FROM mail WHERE state = 'failed'")).ShouldBe("anna@example.com: 550 no such user");
        (await office.ReadAsync<string>("SELECT answer FROM mail_attempt WHERE outcome = 'sent'"))!.ShouldContain("taken as 7");
    }

    // One mail, which the server takes when the database is gone.
    private static async Task SendAndLoseTheDatabaseAsync(PostOffice office)
    {
        var lost = new TaskCompletionSource();
        office.Server.End = async _ =>
        {
            if (!lost.Task.IsCompleted)
            {
                await office.Database.TakeDownAsync();
                lost.SetResult();
            }
            return "250 taken";
        };
        await office.StoreAllAsync(Samples.Paid(Samples.Booking(company: Alone)));
        await lost.Task.WaitAsync(Minute);
        await office.UntilAsync(() => Task.FromResult(office.Server.Mails.Count == 1));
    }
}
