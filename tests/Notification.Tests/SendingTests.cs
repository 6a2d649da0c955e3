using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using BookSaga.Contracts.Events;
using MimeKit;

namespace BookSaga.Notification.Tests;

public sealed class SendingTests(Authority authority)
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    [Fact]
    public async Task Mails_wait_for_a_server_that_is_down_and_all_leave_when_it_is_back()
    {
        await using PostOffice office = await PostOffice.OpenAsync(authority, serve: false);
        await office.DeliverAllAsync(Many(100));
        await office.UntilAsync(async () => await office.CountAsync("last_error IS NOT NULL") > 0);
        (await office.CountAsync("state = 'waiting'")).ShouldBe(200);
        using HttpClient http = office.Service.Http(null);
        string ready = await http.GetStringAsync("/readyz");
        ready.ShouldContain("\"status\":\"ok\"");
        ready.ShouldContain("mails wait: ");

        office.Server.Start();
        await office.UntilSentAsync(200, TimeSpan.FromSeconds(1));
        office.Server.Mails.Select(m => m.Message.MessageId).Distinct().Count().ShouldBe(200);
        office.Server.Mails.Count.ShouldBe(200);
        office.Server.Connections.ShouldBeLessThan(50);
        (await http.GetStringAsync("/readyz")).ShouldNotContain("mails wait");
    }

    [Theory]
    [InlineData("greeting")]
    [InlineData("mail")]
    public async Task A_server_that_stalls_holds_up_no_event(string where)
    {
        await using PostOffice office = await PostOffice.OpenAsync(authority, settings: new() { ["Mail:Timeout"] = "00:02:00" });
        if (where == "greeting")
        {
            office.Server.Greeting = _ => Mood.Stall;
        }
        else
        {
            office.Server.Middle = _ => Mood.Stall;
        }
        await office.DeliverAllAsync(Samples.Paid());
        await office.UntilAsync(() => Task.FromResult(office.Server.Connections > 0));
        await office.DeliverAllAsync(Many(50)).InTimeAsync(); // which is before the server is given up
        (await office.CountAsync("state = 'waiting'")).ShouldBe(102);
    }

    [Fact]
    public async Task A_mail_that_makes_the_server_stall_is_tried_again()
    {
        await using PostOffice office = await PostOffice.OpenAsync(authority, settings: new() { ["Mail:Timeout"] = "00:00:02" });
        office.Server.Middle = connection => connection == 1 ? Mood.Stall : Mood.Serve;
        await office.DeliverAllAsync(Samples.Paid());
        await office.UntilSentAsync(2, Minute);
        office.Server.Mails.Count.ShouldBe(2);
        (await office.CountAsync("last_error LIKE 'no answer within%'")).ShouldBe(1);
    }

    [Fact]
    public async Task A_mail_that_makes_the_server_stall_makes_no_later_mail_wait()
    {
        await using PostOffice office = await PostOffice.OpenAsync(authority, settings: new() { ["Mail:Timeout"] = "00:00:01" });
        office.Server.Middle = _ => Mood.Stall;
        await office.DeliverAllAsync(Samples.Paid(Samples.Booking(company: Samples.Salon with { Email = null, ManagerEmails = [] })));
        await office.UntilAsync(async () => await office.CountAsync("last_error IS NOT NULL") == 1);
        await office.ReadAsync<int>("UPDATE mail SET next_at = next_at + interval '1 day' RETURNING 1");
        office.Server.Behave();
        // The pause after it, and then some looks at an empty queue, which are made in real time.
        for (int i = 0; i < 5; i++)
        {
            office.Time.Advance(TimeSpan.FromSeconds(1));
            await Task.Delay(500);
        }
        await office.DeliverAllAsync(Samples.Paid());
        await office.UntilSentAsync(2, limit: TimeSpan.FromSeconds(10));
    }

    [Fact]
    public async Task A_connection_closed_in_the_middle_of_a_mail_loses_nothing()
    {
        await using PostOffice office = await PostOffice.OpenAsync(authority);
        office.Server.Middle = connection => connection <= 3 ? Mood.Close : Mood.Serve;
        await office.DeliverAllAsync(Many(5));
        await office.UntilSentAsync(10, Minute);
        office.Server.Mails.Count.ShouldBe(10);
    }

    [Fact]
    public async Task A_refused_recipient_is_named_and_the_others_get_their_mail()
    {
        await using PostOffice office = await PostOffice.OpenAsync(authority);
        office.Server.Recipient = address => address switch
        {
            "anna@example.com" => "550 no such user",
            "boss@example.com" => "551 has left",
            _ => "250 ok",
        };
        await office.DeliverAllAsync(Samples.Paid(), Samples.Paid(Samples.Booking(customer: Samples.Anna with { Email = "other@example.com" })));
        await office.UntilAsync(async () => await office.CountAsync("state <> 'waiting'") == 4);
        (await office.ReadAsync<string>("SELECT last_error FROM mail WHERE state = 'failed' AND audience = 'client'")).ShouldBe("anna@example.com: 550 no such user");
        (await office.CountAsync("state = 'failed'")).ShouldBe(1);
        (await office.CountAsync("audience = 'company' AND state = 'sent' AND last_error = 'boss@example.com: 551 has left'")).ShouldBe(2);
        office.Server.Mails.Count(m => m.Recipients.Contains("other@example.com")).ShouldBe(1);
        office.Server.Mails.Count(m => m.Recipients.SequenceEqual(["salon@example.com", "desk@example.com"])).ShouldBe(2);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_recipient_put_off_gets_the_mail_later_and_the_others_only_once(bool pipelining)
    {
        await using PostOffice office = await PostOffice.OpenAsync(authority);
        if (!pipelining)
        {
            office.Server.Extensions.Clear();
        }
        int asked = 0;
        office.Server.Recipient = address => address == "desk@example.com" && asked++ == 0 ? "451 greylisted" : "250 ok";
        await office.DeliverAllAsync(Samples.Paid());
        await office.UntilSentAsync(2, Minute);
        office.Server.Mails.SelectMany(m => m.Recipients).ShouldBe(
            ["anna@example.com", "salon@example.com", "boss@example.com", "desk@example.com"], ignoreOrder: true);
        (await office.CountAsync("last_error LIKE '%desk@example.com: 451 greylisted%'")).ShouldBe(1);
    }

    [Fact]
    public async Task A_mail_refused_for_its_content_fails_and_one_put_off_is_tried_again()
    {
        await using PostOffice office = await PostOffice.OpenAsync(authority);
        int calls = 0;
        office.Server.End = mail => Task.FromResult(
            mail.Recipients.Contains("anna@example.com") ? "554 looks like spam" : calls++ == 0 ? "452 disk full" : "250 taken");
        await office.DeliverAllAsync(Samples.Paid());
        await office.UntilSentAsync(1, Minute);
        (await office.ReadAsync<string>("SELECT last_error FROM mail WHERE state = 'failed'")).ShouldBe("anna@example.com: 554 looks like spam");
        (await office.ReadAsync<string>("SELECT last_error FROM mail WHERE state = 'sent'")).ShouldBe("452 disk full");
    }

    [Fact]
    public async Task A_refused_sender_is_a_matter_of_settings_and_loses_no_mail()
    {
        await using PostOffice office = await PostOffice.OpenAsync(authority);
        office.Server.Sender = "550 who are you";
        await office.DeliverAllAsync(Samples.Paid());
        await office.UntilAsync(async () => await office.CountAsync("state = 'waiting' AND last_error = 'the sender is refused: 550 who are you'") == 2);
        using HttpClient http = office.Service.Http(null);
        (await http.GetStringAsync("/readyz")).ShouldContain("mails wait: the sender is refused");
        office.Server.Sender = "250 ok";
        await office.UntilSentAsync(2, Minute);
    }

    [Fact]
    public async Task A_mail_that_nobody_takes_for_five_days_fails_with_the_last_reason()
    {
        await using PostOffice office = await PostOffice.OpenAsync(authority);
        office.Server.Recipient = _ => "450 busy";
        await office.DeliverAllAsync(Samples.Paid());
        await office.UntilAsync(async () => await office.CountAsync("last_error IS NOT NULL") == 2);
        (await office.CountAsync("state = 'failed'")).ShouldBe(0);
        await office.UntilAsync(async () => await office.CountAsync("state = 'failed' AND last_error LIKE '%450 busy%'") == 2, TimeSpan.FromHours(12));
    }

    [Fact]
    public async Task A_mail_leased_by_a_dead_process_is_taken_when_the_lease_has_passed()
    {
        await using PostOffice office = await PostOffice.OpenAsync(authority, serve: false);
        await office.DeliverAllAsync(Samples.Paid());
        await office.UntilAsync(async () => await office.CountAsync("last_error IS NOT NULL") == 2);
        await office.ReadAsync<int>("UPDATE mail SET attempts = 7, next_at = now() + interval '10 seconds' RETURNING 1");
        office.Server.Start();
        await office.UntilAsync(async () => await office.CountAsync("state = 'sent' AND attempts = 8") == 2, TimeSpan.FromSeconds(1));
    }

    [Fact]
    public async Task A_mail_that_takes_long_stays_with_the_process_that_sends_it()
    {
        await using PostOffice office = await PostOffice.OpenAsync(authority, settings: new() { ["Mail:Timeout"] = "00:01:00" }, replicas: 2);
        var taken = new TaskCompletionSource();
        office.Server.End = async _ =>
        {
            await taken.Task;
            return "250 taken";
        };
        await office.DeliverAllAsync(Samples.Paid(Samples.Booking(company: Samples.Salon with { Email = null, ManagerEmails = [] })));
        await office.UntilAsync(async () => await office.CountAsync("attempts = 1") == 1);
        for (int i = 0; i < 30; i++)
        {
            office.Time.Advance(TimeSpan.FromSeconds(1));
            await Task.Delay(50);
        }
        (await office.CountAsync("attempts = 1")).ShouldBe(1);
        taken.SetResult();
        await office.UntilSentAsync(1);
        office.Server.Mails.Count.ShouldBe(1);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Addresses_in_other_scripts_get_their_mail_where_the_server_can_and_are_named_where_not(bool can)
    {
        await using PostOffice office = await PostOffice.OpenAsync(authority);
        if (can)
        {
            office.Server.Extensions.Add("SMTPUTF8");
        }
        await office.DeliverAllAsync(Samples.Paid(Samples.Booking(
            company: Samples.Salon with { Email = "salon@пример.рф", ManagerEmails = [] }, customer: Samples.Anna with { Email = "анна@example.com" })));
        await office.UntilAsync(async () => await office.CountAsync("state <> 'waiting'") == 2);
        office.Server.Mails.ShouldContain(m => m.Recipients[0].StartsWith(can ? "salon@" : "salon@xn--e1afmkfd.xn--p1ai", StringComparison.Ordinal));
        office.Server.Mails.Count.ShouldBe(can ? 2 : 1);
        (await office.ReadAsync<string>("SELECT last_error FROM mail WHERE audience = 'client'")).ShouldBe(can ? null : "анна@example.com: the server does not speak SMTPUTF8");
    }

    [Fact]
    public async Task Three_replicas_send_every_mail_once()
    {
        await using PostOffice office = await PostOffice.OpenAsync(authority, replicas: 3);
        await office.DeliverAllAsync(Many(150));
        await office.UntilSentAsync(300);
        office.Server.Mails.Count.ShouldBe(300);
        office.Server.Mails.Select(m => m.Message.MessageId).Distinct().Count().ShouldBe(300);
    }

    [Fact]
    public async Task User_and_password_in_the_address_sign_in()
    {
        await using PostOffice office = await PostOffice.OpenAsync(authority, serve: false);
        office.Server.Extensions.Add("AUTH PLAIN");
        await using var transport = new Sender(new Uri($"smtp://post:p%40ss%2Fword@127.0.0.1:{office.Server.Port}"));
        office.Server.Start();
        await transport.SendAsync();
        office.Server.Login.ShouldBe("/post/p@ss/word");
        office.Server.Mails.ShouldHaveSingleItem();
    }

    [Fact]
    public async Task An_offered_starttls_is_taken_and_an_unknown_certificate_gets_no_password()
    {
        await using PostOffice office = await PostOffice.OpenAsync(authority, serve: false);
        using var key = RSA.Create(2048);
        using X509Certificate2 certificate = new CertificateRequest("CN=test", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)
            .CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        office.Server.Certificate = certificate;
        office.Server.Extensions.AddRange(["STARTTLS", "AUTH PLAIN"]);
        office.Server.Start();
        await using var open = new Sender(new Uri($"smtp://127.0.0.1:{office.Server.Port}"));
        await open.SendAsync();
        office.Server.Encrypted.ShouldBeTrue();
        await using var closed = new Sender(new Uri($"smtp://post:secret@127.0.0.1:{office.Server.Port}"));
        await Should.ThrowAsync<MailKit.Security.SslHandshakeException>(closed.SendAsync);
        office.Server.Login.ShouldBeNull();
    }

    private static IEnumerable<Event> Many(int count) => Enumerable.Range(0, count).Select(_ => Samples.Paid());

    private sealed class Sender(Uri server) : IAsyncDisposable
    {
        private readonly Notification.Sending.SmtpTransport _transport = new(server);

        public async Task SendAsync()
        {
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(10));
            await _transport.OpenAsync(limit.Token);
            using var message = new MimeMessage([MailboxAddress.Parse("a@example.com")], [MailboxAddress.Parse("b@example.com")], "Hello", new TextPart { Text = "Привет" });
            (await _transport.SendAsync(message, ["b@example.com"], limit.Token)).Accepted.ShouldBe(["b@example.com"]);
        }

        public async ValueTask DisposeAsync() => await _transport.CloseAsync();
    }
}
