using System.Text.RegularExpressions;
using BookSaga.Notification.Mails;
using Microsoft.Extensions.Options;
using MimeKit;

namespace BookSaga.Notification;

/// <summary>Settings <c>Mail:*</c>: where mails go, who sends them, and how they speak.</summary>
internal sealed class MailOptions
{
    /// <summary>
    /// The mail server: <c>smtp://[user:password@]host[:port]</c> (port 25 unless given, STARTTLS where offered) or <c>smtps://…</c>
    /// (port 465, TLS from the start). User and password are URL-encoded. Empty: files in <see cref="Directory"/>.
    /// </summary>
    public string Smtp { get; set; } = "";

    /// <summary>The folder for <c>.eml</c> files, one a mail; used when <see cref="Smtp"/> is empty, made when it is missing.</summary>
    public string Directory { get; set; } = "";

    /// <summary>The sender, as <c>name@host</c> or <c>Name &lt;name@host&gt;</c>.</summary>
    public string From { get; set; } = "BookSaga <no-reply@localhost>";

    /// <summary>The currency shown after amounts: its ISO 4217 code, three capital letters.</summary>
    public string Currency { get; set; } = "RUB";

    /// <summary>The IANA time zone of times in mails to companies, and to clients who have chosen none.</summary>
    public string TimeZone { get; set; } = "UTC";

    /// <summary>The language of mails to companies, and to clients who have chosen none: <c>ru</c> or <c>en</c>.</summary>
    public string Language { get; set; } = "ru";

    /// <summary>How long the server may take for one mail or for the greeting, 1 s to 2 min; then the mail is tried again later.</summary>
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a mail is tried before it counts as failed, at least 1 min. RFC 5321, 4.5.4.1 asks for 4 to 5 days.</summary>
    public TimeSpan GiveUpAfter { get; set; } = TimeSpan.FromDays(5);

    /// <summary>Where people reach the platform, <c>https://host[/path]</c>; links in mails begin with it. Empty: mails have no links.</summary>
    public string PublicUrl { get; set; } = "";

    /// <summary>How long an appointment lasts in calendars, 1 min to 24 h; offers have no length of their own.</summary>
    public TimeSpan AppointmentLength { get; set; } = TimeSpan.FromHours(1);

    /// <summary>How many connections to the server each replica uses at once, 1 to 50.</summary>
    public int Connections { get; set; } = 4;

    /// <summary>How many mails a minute the server gets from all replicas together, evenly spaced; 0 for no limit.</summary>
    public int MaxPerMinute { get; set; }

    /// <summary>The address of a page, or null when <see cref="PublicUrl"/> is not set.</summary>
    internal string? Link(string path) => PublicUrl.Length > 0 ? PublicUrl.TrimEnd('/') + path : null;

    /// <summary>The server's address, or null for files.</summary>
    internal Uri? SmtpAddress => Smtp.Length > 0 ? new Uri(Smtp) : null;

    /// <summary>The sender's address.</summary>
    internal MailboxAddress Sender => MailboxAddress.Parse(From);
}

/// <summary>Registers the settings.</summary>
internal static class MailOptionsSetup
{
    /// <summary>Binds <c>Mail:*</c>; a start with wrong settings ends with all of what is wrong.</summary>
    internal static void AddMailOptions(this WebApplicationBuilder builder)
    {
        builder.Services.AddOptions<MailOptions>().BindConfiguration("Mail").ValidateOnStart();
        builder.Services.AddSingleton<IValidateOptions<MailOptions>, MailOptionsCheck>();
    }
}

/// <summary>Names every wrong setting at once.</summary>
internal sealed partial class MailOptionsCheck : IValidateOptions<MailOptions>
{
    /// <inheritdoc />
    public ValidateOptionsResult Validate(string? name, MailOptions options)
    {
        string[] errors = [.. Errors(options), .. LimitErrors(options)];
        return errors.Length == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(errors);
    }

    private static IEnumerable<string> Errors(MailOptions options)
    {
        if (options.Smtp.Length == 0 && options.Directory.Length == 0)
        {
            yield return "Mail:Smtp and Mail:Directory are both empty: give smtp://host:port, or a folder for .eml files.";
        }
        if (options.Smtp.Length > 0 && !(Uri.TryCreate(options.Smtp, UriKind.Absolute, out Uri? url) && url.Scheme is "smtp" or "smtps" && url.Host.Length > 0))
        {
            // The value may hold a password, so it is not shown.
            yield return "Mail:Smtp is not smtp://[user:password@]host[:port] or smtps://….";
        }
        if (!MailboxAddress.TryParse(options.From, out MailboxAddress? from) || !Recipients.IsAddress(from.Address))
        {
            yield return $"Mail:From '{options.From}' is not a mail address: give name@host or Name <name@host>.";
        }
        if (!CurrencyCode().IsMatch(options.Currency))
        {
            yield return $"Mail:Currency '{options.Currency}' is not an ISO 4217 code such as RUB.";
        }
        if (Zones.Find(options.TimeZone) is null)
        {
            yield return $"Mail:TimeZone '{options.TimeZone}' is not an IANA time zone known here, such as Europe/Moscow.";
        }
        if (options.Language is not ("ru" or "en"))
        {
            yield return $"Mail:Language '{options.Language}' is neither ru nor en.";
        }
        if (options.Timeout < TimeSpan.FromSeconds(1) || options.Timeout > TimeSpan.FromMinutes(2))
        {
            yield return $"Mail:Timeout {options.Timeout} is not between 00:00:01 and 00:02:00.";
        }
        if (options.GiveUpAfter < TimeSpan.FromMinutes(1))
        {
            yield return $"Mail:GiveUpAfter {options.GiveUpAfter} is below 00:01:00.";
        }
    }

    private static IEnumerable<string> LimitErrors(MailOptions options)
    {
        if (options.PublicUrl.Length > 0 && !(Uri.TryCreate(options.PublicUrl, UriKind.Absolute, out Uri? url) && url.Scheme is "http" or "https" && url.Query.Length == 0 && url.Fragment.Length == 0))
        {
            yield return $"Mail:PublicUrl '{options.PublicUrl}' is not https://host[/path].";
        }
        if (options.AppointmentLength < TimeSpan.FromMinutes(1) || options.AppointmentLength > TimeSpan.FromDays(1))
        {
            yield return $"Mail:AppointmentLength {options.AppointmentLength} is not between 00:01:00 and 1.00:00:00.";
        }
        if (options.Connections is < 1 or > 50)
        {
            yield return $"Mail:Connections {options.Connections} is not between 1 and 50.";
        }
        if (options.MaxPerMinute is < 0 or > 60_000)
        {
            yield return $"Mail:MaxPerMinute {options.MaxPerMinute} is not between 0 and 60000.";
        }
    }

    [GeneratedRegex("^[A-Z]{3}\\z")]
    private static partial Regex CurrencyCode();
}
