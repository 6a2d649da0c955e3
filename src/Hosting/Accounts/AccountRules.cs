using System.Diagnostics.CodeAnalysis;

namespace BookSaga.Hosting.Accounts;

/// <summary>What an account's e-mail, password and names may be.</summary>
internal static class AccountRules
{
    private const int MaxEmailLength = 254; // RFC 5321, section 4.5.3.1.3: a path is 256 with its brackets
    private const int MaxNameLength = 255;
    private const int MinPasswordLength = 8;
    private const int MaxPasswordLength = 128; // the realm's password policy

    /// <summary>As it is stored and compared.</summary>
    public static string Normalize(string? email) => (email ?? "").Trim().ToLowerInvariant();

    /// <summary>The first rule that the account breaks, or null.</summary>
    public static (string Error, string Code)? Check(string email, string? password, string? firstName, string? lastName) =>
        email.Length == 0 ? ("email is required", "email_required")
        : !IsEmail(email) ? ("email is not a mail address", "email_invalid")
        : string.IsNullOrEmpty(password) ? ("password is required", "password_required")
        : password.Length < MinPasswordLength ? ($"password must have at least {MinPasswordLength} characters", "password_too_short")
        : password.Length > MaxPasswordLength ? ($"password must have at most {MaxPasswordLength} characters", "password_too_long")
        : !CanBeSent(password) ? ("password has the character U+0000", "password_invalid")
        : CheckName("first_name", firstName) ?? CheckName("last_name", lastName);

    /// <summary>Whether there is something, and a form can carry it: none has U+0000.</summary>
    public static bool CanBeSent([NotNullWhen(true)] string? text) => !string.IsNullOrEmpty(text) && !text.Contains('\0', StringComparison.Ordinal);

    private static (string Error, string Code)? CheckName(string field, string? name) =>
        string.IsNullOrWhiteSpace(name) ? ($"{field} is required", field + "_required")
        : name.Trim().Length > MaxNameLength ? ($"{field} must have at most {MaxNameLength} characters", field + "_too_long")
        : name.Any(char.IsControl) ? ($"{field} has control characters", field + "_invalid")
        : null;

    // One @ with something on both sides and nothing that no address has; whether mail arrives only mail can tell.
    private static bool IsEmail(string email) =>
        email.Length <= MaxEmailLength
        && email.Split('@') is [{ Length: > 0 }, { Length: > 0 } domain]
        && !domain.StartsWith('.') && !domain.EndsWith('.') && !domain.Contains("..", StringComparison.Ordinal)
        && !email.Any(c => char.IsWhiteSpace(c) || char.IsControl(c) || c is ',' or ';' or '<' or '>' or '(' or ')' or '"' or '\\');
}
