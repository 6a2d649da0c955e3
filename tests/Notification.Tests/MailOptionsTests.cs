using Microsoft.Extensions.Options;

namespace BookSaga.Notification.Tests;

public sealed class MailOptionsTests
{
    [Fact]
    public void Every_wrong_setting_is_named_at_once()
    {
        ValidateOptionsResult result = Check(new MailOptions
        {
            Smtp = "http://user:secret@host",
            From = "nobody",
            Currency = "roubles",
            TimeZone = "Europe/Nowhere",
            Language = "de",
            Timeout = TimeSpan.Zero,
            GiveUpAfter = TimeSpan.Zero,
            PublicUrl = "book.example.com",
            AppointmentLength = TimeSpan.Zero,
            Connections = 0,
            MaxPerMinute = -1,
        });
        string[] names = [.. result.Failures!.Select(f => f.Split(' ')[0])];
        names.ShouldBe(["Mail:Smtp", "Mail:From", "Mail:Currency", "Mail:TimeZone", "Mail:Language", "Mail:Timeout", "Mail:GiveUpAfter", "Mail:PublicUrl", "Mail:AppointmentLength", "Mail:Connections", "Mail:MaxPerMinute"]);
        result.FailureMessage!.ShouldNotContain("secret");
    }

    [Fact]
    public void One_way_out_is_needed() => Check(new MailOptions()).Failures.ShouldHaveSingleItem().ShouldStartWith("Mail:Smtp and Mail:Directory");

    [Theory]
    [InlineData("smtp://localhost:1025", "")]
    [InlineData("smtps://user:p%40ss@mail.example.com", "")]
    [InlineData("", "/var/mail/out")]
    public void The_defaults_do_for_the_rest(string smtp, string directory) =>
        Check(new MailOptions { Smtp = smtp, Directory = directory }).Succeeded.ShouldBeTrue();

    private static ValidateOptionsResult Check(MailOptions options) => new MailOptionsCheck().Validate(null, options);
}
