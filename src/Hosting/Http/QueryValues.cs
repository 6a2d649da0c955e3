using BookSaga.Contracts;

namespace BookSaga.Hosting.Http;

/// <summary>Query parameters that several lists take, read with errors that say what is wrong.</summary>
public static class QueryValues
{
    /// <summary>An RFC 3339 time; null when the parameter is not there.</summary>
    /// <exception cref="InvalidParameterException">It is no time.</exception>
    public static DateTimeOffset? Time(string name, string? text) =>
        string.IsNullOrEmpty(text) ? null
        : Json.TryParseTime(text, out DateTimeOffset time) ? time
        : throw new InvalidParameterException($"{name} must be an RFC 3339 time with an offset, such as 2026-01-31T09:00:00Z");

    /// <summary>Values of <paramref name="known"/>, repeated or separated by commas; empty when the parameter is not there.</summary>
    /// <exception cref="InvalidParameterException">One is not known.</exception>
    public static string[] Choices(string name, string?[]? texts, params string[] known)
    {
        string[] values = [.. (texts ?? []).SelectMany(text => (text ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)).Distinct()];
        return values.All(known.Contains) ? values : throw new InvalidParameterException($"{name} must be of: {string.Join(", ", known)}");
    }
}
