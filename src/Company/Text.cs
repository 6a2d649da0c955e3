using System.Net.Mail;
using BookSaga.Hosting.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace BookSaga.Company;

/// <summary>Text from a request: trimmed, limited in characters (Unicode code points, as PostgreSQL counts), storable.</summary>
internal static class Text
{
    /// <summary>The longest e-mail address, characters.</summary>
    internal const int MaxEmail = 255;

    /// <summary><paramref name="value"/> without surrounding white space; empty when absent.</summary>
    internal static string Clean(string? value) => value?.Trim() ?? "";

    /// <summary>Why <paramref name="value"/> cannot be stored, or null. 400 <c>text_too_long</c>, <c>invalid_text</c>.</summary>
    internal static ProblemHttpResult? Check(string field, string value, int max)
    {
        // PostgreSQL has no NUL in text, and a JSON string may.
        if (value.Contains('\0', StringComparison.Ordinal))
        {
            return Problems.BadRequest($"{field} must not contain a NUL character", "invalid_text");
        }
        return value.Length > max && value.EnumerateRunes().Count() > max
            ? Problems.BadRequest($"{field} must be at most {max} characters long", "text_too_long")
            : null;
    }

    /// <summary>Whether <paramref name="value"/> is one bare address: no display name, no list.</summary>
    internal static bool IsEmail(string value) =>
        value.Length <= MaxEmail && MailAddress.TryCreate(value, out MailAddress? address) && address.Address == value && !value.Any(char.IsControl);
}
