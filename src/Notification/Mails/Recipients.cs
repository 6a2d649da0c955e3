using BookSaga.Contracts;
using MimeKit;

namespace BookSaga.Notification.Mails;

/// <summary>Who gets a company's mail: the company with its managers in copy; without a company address its managers; nobody when there are none.</summary>
/// <param name="To">Addresses of To.</param>
/// <param name="Cc">Addresses of Cc, none of them in To.</param>
internal sealed record Recipients(IReadOnlyList<string> To, IReadOnlyList<string> Cc)
{
    // RFC 5321, 4.5.3.1: 64 for the local part, 255 for the domain.
    private const int MaxLength = 64 + 1 + 255;

    /// <summary>The recipients of <paramref name="company"/>. What is no address is left out: a mail that cannot go must not hold the others.</summary>
    internal static Recipients Of(CompanyChanged company)
    {
        string[] managers = [.. (company.ManagerEmails ?? []).Where(IsAddress).Distinct(StringComparer.OrdinalIgnoreCase)];
        return company.Email is { } own && IsAddress(own)
            ? new Recipients([own], [.. managers.Where(m => !m.Equals(own, StringComparison.OrdinalIgnoreCase))])
            : new Recipients(managers, []);
    }

    /// <summary>Whether <paramref name="text"/> is one bare address: no display name, no space, nothing that could start another header.</summary>
    internal static bool IsAddress(string? text) =>
        text is { Length: > 2 and <= MaxLength }
        && !text.Any(c => char.IsControl(c) || char.IsWhiteSpace(c) || c is '<' or '>' or ',' or ';' or '"' or '(' or ')')
        && MailboxAddress.TryParse(text, out MailboxAddress? mailbox)
        && mailbox.Address == text
        && text.IndexOf('@', StringComparison.Ordinal) is > 0 and int at
        && at < text.Length - 1;
}
