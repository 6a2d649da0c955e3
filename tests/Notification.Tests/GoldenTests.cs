using System.Runtime.CompilerServices;
using BookSaga.Contracts;
using BookSaga.Notification.Mails;
using Microsoft.Extensions.Options;

namespace BookSaga.Notification.Tests;

/// <summary>Every mail in both languages, as files that people read: <c>Golden/</c>. With <c>BOOKSAGA_ACCEPT_GOLDEN=1</c> the tests write what they should compare.</summary>
public sealed class GoldenTests
{
    private const string Accept = "BOOKSAGA_ACCEPT_GOLDEN";
    private static readonly Guid EventId = Guid.Parse("0198c0de-2222-7000-8000-000000000002");
    private static readonly string Folder = Path.Combine(Path.GetDirectoryName(ThisFile())!, "Golden");

    public static TheoryData<string, string, string> Mails => new(
        from language in (string[])["ru", "en"]
        from mail in (string[])[
            "paid.client", "paid.company", "failed.client", "failed.company", "cancelled.client", "cancelled.company", "day_before.client", "hour_before.client",
        ]
        from form in (string[])["txt", "html", "ics"]
        where form != "ics" || mail.StartsWith("paid", StringComparison.Ordinal) || mail.StartsWith("cancelled", StringComparison.Ordinal)
        select (language, mail, form));

    [Theory]
    [MemberData(nameof(Mails))]
    public void A_mail_reads_as_its_golden_file(string language, string mail, string form)
    {
        Mail written = Write(language, mail);
        string text = form switch
        {
            "txt" => $"{written.Subject}\n\n{written.Text}",
            "html" => written.Html,
            // Git keeps lines in one way; the file's own ending is another test.
            _ => written.Calendar!.Replace("\r\n", "\n", StringComparison.Ordinal),
        };
        string file = Path.Combine(Folder, $"{mail}.{language}.{form}");
        if (Environment.GetEnvironmentVariable(Accept) == "1")
        {
            Directory.CreateDirectory(Folder);
            File.WriteAllText(file, text);
        }
        string golden = File.Exists(file) ? File.ReadAllText(file) : "";
        text.ShouldBe(golden, $"{file} differs. If the new text is better, run this project with {Accept}=1 and look at what git shows.");
    }

    [Fact]
    public void Every_golden_file_belongs_to_a_mail() => Directory.GetFiles(Folder).Select(f => Path.GetFileName(f)!).ShouldBe(
        Mails.Select(row => $"{row.Data.Item2}.{row.Data.Item1}.{row.Data.Item3}"), ignoreOrder: true, "A file that no mail has any more is to be deleted.");

    private static Mail Write(string language, string mail)
    {
        string[] name = mail.Split('.');
        var mails = new BookingMails(Options.Create(new MailOptions { Language = language, TimeZone = "Europe/Moscow", PublicUrl = "https://book.example.com" }));
        BookingFinished booking = Samples.Booking(
            Guid.Parse("0198c0de-1111-7000-8000-000000000001"), customer: Samples.Anna with { Locale = language, TimeZone = language == "en" ? "America/New_York" : null });
        return name[0] switch
        {
            "paid" => Of(Outcome.Paid, booking),
            "failed" => Of(Outcome.Failed, Samples.Failed("insufficient_funds", booking)),
            "cancelled" => Of(Outcome.Cancelled, Samples.Cancelled("company", "Мастер заболел", 150050, booking)),
            "day_before" => mails.Remind(EventId, Outcome.DayBefore, booking, "token", Samples.Appointment)!,
            _ => mails.Remind(EventId, Outcome.HourBefore, booking, "token", Samples.Appointment)!,
        };
        Mail Of(Outcome outcome, BookingFinished what) => mails.Write(EventId, outcome, what).Single(m => m.Audience == name[1]);
    }

    private static string ThisFile([CallerFilePath] string path = "") => path;
}
