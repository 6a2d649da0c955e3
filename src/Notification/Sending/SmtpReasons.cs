using System.Globalization;
using System.Text.RegularExpressions;

namespace BookSaga.Notification.Sending;

/// <summary>Stable codes for why a mail server does not take a mail, from its enhanced status code (RFC 3463), or from its reply code (RFC 5321, 4.2.3) where it sends none.</summary>
internal static partial class SmtpReasons
{
    /// <summary>No server, or none that answers in time, or a connection that broke.</summary>
    internal const string Unreachable = "unreachable";

    /// <summary>The server takes no mail from this sender: a wrong setting, or a limit.</summary>
    internal const string SenderRefused = "sender_refused";

    /// <summary>The address needs SMTPUTF8 (RFC 6531), which the server lacks.</summary>
    internal const string NoSmtpUtf8 = "smtputf8_missing";

    /// <summary>What it is about has begun.</summary>
    internal const string TooLate = "too_late";

    /// <summary>The code for a reply such as <c>550</c> and <c>5.1.1 no such user</c>.</summary>
    internal static string Of(int status, string text)
    {
        Match enhanced = EnhancedStatus().Match(text);
        return enhanced.Success
            ? Of(Number(enhanced.Groups[1].Value), Number(enhanced.Groups[2].Value))
            : status switch
            {
                450 => "mailbox_unavailable",
                550 => "mailbox_unknown",
                551 => "mailbox_moved",
                452 or 552 => "mailbox_full",
                553 or 501 => "address_invalid",
                554 => "refused",
                >= 500 => "refused",
                _ => "server_busy",
            };
    }

    private static string Of(int subject, int detail) => (subject, detail) switch
    {
        (1, 1) => "mailbox_unknown",
        (1, 2 or 10) => "host_unknown",
        (1, 6) => "mailbox_moved",
        (1, 7 or 8) => SenderRefused,
        (1, _) => "address_invalid",
        (2, 1) => "mailbox_disabled",
        (2, 2) => "mailbox_full",
        (2, 3) or (3, 4) => "too_large",
        (2, _) => "mailbox_unavailable",
        (3 or 4, _) => "server_busy",
        (5, _) => "protocol_error",
        (6, _) => "content_refused",
        (7, _) => "policy_refused",
        _ => "refused",
    };

    private static int Number(string digits) => int.Parse(digits, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"^[245]\.([0-9]{1,3})\.([0-9]{1,3})\b")]
    private static partial Regex EnhancedStatus();
}
