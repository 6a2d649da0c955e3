using MimeKit;

namespace BookSaga.Notification.Tests;

public sealed class DirectoryTests(Authority authority)
{
    [Fact]
    public async Task Without_a_server_every_mail_becomes_one_whole_file()
    {
        string folder = Path.Combine(Path.GetTempPath(), "mails-" + Guid.NewGuid().ToString("N"));
        await using PostOffice office = await PostOffice.OpenAsync(authority, serve: false, settings: new() { ["Mail:Smtp"] = "", ["Mail:Directory"] = folder });
        var id = Guid.NewGuid();
        await office.DeliverAllAsync(Samples.Paid(id: id));
        await office.UntilSentAsync(2);
        string[] files = [.. Directory.GetFiles(folder).Order(StringComparer.Ordinal)];
        files.Length.ShouldBe(2);
        files[0].ShouldEndWith($"-{id:N}.client.eml");
        files[1].ShouldEndWith($"-{id:N}.company.eml");
        MimeMessage company = await MimeMessage.LoadAsync(files[1]);
        company.MessageId.ShouldBe($"{id:N}.company@localhost");
        company.TextBody!.ShouldContain("Почта клиента: anna@example.com");
        company.HtmlBody!.ShouldContain("anna@example.com");
        company.Cc.Count.ShouldBe(2);
        (await File.ReadAllTextAsync(files[0])).ShouldContain("Здравствуйте, Анна!");

        // A repeat, as after a crash, replaces the file.
        await office.ReadAsync<int>("UPDATE mail SET state = 'waiting', pending = to_addresses, finished_at = NULL RETURNING 1");
        await office.UntilSentAsync(2, TimeSpan.FromMinutes(1));
        Directory.GetFiles(folder).Length.ShouldBe(2);
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task A_folder_that_cannot_be_written_makes_mails_wait()
    {
        string file = Path.GetTempFileName();
        await using PostOffice office = await PostOffice.OpenAsync(authority, serve: false, settings: new() { ["Mail:Smtp"] = "", ["Mail:Directory"] = Path.Combine(file, "mails") });
        await office.DeliverAllAsync(Samples.Paid());
        await office.UntilAsync(async () => await office.CountAsync("state = 'waiting' AND last_error IS NOT NULL") == 2);
        File.Delete(file);
        await office.UntilSentAsync(2, TimeSpan.FromMinutes(1));
        Directory.Delete(file, recursive: true);
    }
}
