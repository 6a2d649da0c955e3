using System.Diagnostics;
using BookSaga.Contracts.Events;

namespace BookSaga.Notification.Tests;

/// <summary>Many mails and a server in every kind of trouble: all of them arrive when it is over, each once.</summary>
public sealed class TroubleTests(Authority authority, ITestOutputHelper output)
{
    private const string Count = "BOOKSAGA_DRAIN_MAILS";

    [Theory]
    [InlineData("down")]
    [InlineData("slow greeting")]
    [InlineData("slow mail")]
    [InlineData("4xx for recipients")]
    [InlineData("4xx for mails")]
    [InlineData("421 at once")]
    [InlineData("closes in the middle")]
    [InlineData("refuses the sender")]
    public async Task Whatever_the_server_does_all_mail_is_delivered_once_when_it_is_over(string trouble)
    {
        await using PostOffice office = await PostOffice.OpenAsync(authority, serve: trouble != "down", settings: new() { ["Mail:Timeout"] = "00:00:02" });
        switch (trouble)
        {
            case "slow greeting": office.Server.Greeting = _ => Mood.Stall; break;
            case "slow mail": office.Server.Middle = _ => Mood.Stall; break;
            case "4xx for recipients": office.Server.Recipient = _ => "451 4.3.0 try again"; break;
            case "4xx for mails": office.Server.End = _ => Task.FromResult("452 4.3.1 disk full"); break;
            case "421 at once": office.Server.Greeting = _ => Mood.Close; break;
            case "closes in the middle": office.Server.Middle = _ => Mood.Close; break;
            case "refuses the sender": office.Server.Sender = "550 5.7.1 who are you"; break;
        }
        await office.DeliverAllAsync(Many(60));
        await office.UntilAsync(async () => await office.ReadAsync<long>("SELECT count(*) FROM mail_attempt WHERE outcome = 'deferred'") >= 4, TimeSpan.FromSeconds(1));
        office.Server.Mails.ShouldBeEmpty();
        (await office.CountAsync("state = 'waiting'")).ShouldBe(120);

        office.Server.Behave();
        if (trouble == "down")
        {
            office.Server.Start();
        }
        await office.UntilSentAsync(120, TimeSpan.FromSeconds(1));
        // Not 120 mails: one that was refused for its first recipient when the trouble ended goes to that one by itself.
        (string? Mail, string Recipient)[] delivered = [.. office.Server.Mails.SelectMany(m => m.Recipients.Select(to => (m.Message.MessageId, to)))];
        delivered.ShouldBeUnique();
        delivered.Length.ShouldBe(60 * 4);
        (await office.CountAsync("state <> 'sent'")).ShouldBe(0);
    }

    [Fact]
    public async Task A_long_queue_drains_as_fast_as_the_server_takes_it_and_every_mail_arrives_once()
    {
        int mails = int.TryParse(Environment.GetEnvironmentVariable(Count), out int told) ? told : 1000;
        await using PostOffice office = await PostOffice.OpenAsync(authority, serve: false);
        for (int stored = 0; stored < mails; stored += 100)
        {
            await office.StoreAllAsync(Many(50));
        }
        office.Server.Start();
        var watch = Stopwatch.StartNew();
        await office.UntilSentAsync(mails, TimeSpan.FromSeconds(1), limit: TimeSpan.FromMinutes(10));
        output.WriteLine($"{mails} mails in {watch.Elapsed.TotalSeconds:F1} s: {mails / watch.Elapsed.TotalSeconds:F0} a second over {office.Server.Connections} connections");
        office.Server.Mails.Count.ShouldBe(mails);
        office.Server.Mails.Select(m => m.Message.MessageId).Distinct().Count().ShouldBe(mails);
    }

    [Fact]
    public async Task Connections_work_at_once_so_a_servers_delay_is_not_paid_mail_by_mail()
    {
        await using PostOffice office = await PostOffice.OpenAsync(authority, serve: false);
        int now = 0;
        int most = 0;
        object gate = new();
        office.Server.End = async _ =>
        {
            lock (gate)
            {
                most = Math.Max(most, ++now);
            }
            await Task.Delay(20);
            lock (gate)
            {
                now--;
            }
            return "250 taken";
        };
        await office.DeliverAllAsync(Many(150));
        office.Server.Start();
        await office.UntilSentAsync(300, TimeSpan.FromSeconds(1));
        most.ShouldBe(4);
        office.Server.Mails.Count.ShouldBe(300);
    }

    [Fact]
    public async Task A_limit_holds_for_all_replicas_and_connections_together()
    {
        await using PostOffice office = await PostOffice.OpenAsync(authority, replicas: 2, settings: new() { ["Mail:MaxPerMinute"] = "60" });
        var taken = new System.Collections.Concurrent.ConcurrentQueue<DateTimeOffset>();
        office.Server.End = _ =>
        {
            taken.Enqueue(office.Time.GetUtcNow());
            return Task.FromResult("250 taken");
        };
        DateTimeOffset start = office.Time.GetUtcNow();
        await office.DeliverAllAsync(Many(65));
        await office.UntilSentAsync(130, TimeSpan.FromSeconds(0.5));
        DateTimeOffset[] times = [.. taken.Order()];
        times.Length.ShouldBe(130);
        // Late is no fault, on a busy machine; early is, but for the microseconds that the database's clock does not know.
        times.Select((at, i) => at - start - TimeSpan.FromSeconds(i)).Min().ShouldBeGreaterThan(TimeSpan.FromMilliseconds(-1));
        (times[^1] - times[0]).ShouldBeGreaterThan(TimeSpan.FromSeconds(120));
    }

    private static IEnumerable<Event> Many(int count) => Enumerable.Range(0, count).Select(_ => Samples.Paid());
}
