namespace BookSaga.Notification.Tests;

/// <summary>What the server has taken and the service could not record.</summary>
public sealed class RecordingTests(Authority authority)
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

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
        await office.StoreAllAsync(Samples.Paid(Samples.Booking(company: Samples.Salon with { Email = null, ManagerEmails = [] })));
        await lost.Task.WaitAsync(Minute);
        await office.UntilAsync(() => Task.FromResult(office.Server.Mails.Count == 1));
    }
}
