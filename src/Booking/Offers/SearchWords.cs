using System.Text.RegularExpressions;

namespace BookSaga.Booking.Offers;

/// <summary>The words of a search as PostgreSQL's text queries: all must be found, the last as the beginning of a word.</summary>
/// <param name="Whole">All words but the last, for <c>to_tsquery</c>; null when there is one word.</param>
/// <param name="Begun">The last word.</param>
internal sealed partial record SearchWords(string? Whole, string Begun)
{
    // More words than anybody types; each costs a look into the index.
    private const int MaxWords = 16;

    /// <summary>The words of <paramref name="text"/>: runs of letters and digits, so that nothing of it is syntax; null when there are none.</summary>
    internal static SearchWords? Of(string text)
    {
        string[] words = [.. Word().Matches(text.ToLowerInvariant().Replace('ё', 'е')).Select(m => m.Value).Take(MaxWords)];
        return words.Length == 0 ? null : new SearchWords(words.Length == 1 ? null : string.Join(" & ", words[..^1]), words[^1] + ":*");
    }

    [GeneratedRegex(@"[\p{L}\p{M}\p{Nd}]+")]
    private static partial Regex Word();
}
