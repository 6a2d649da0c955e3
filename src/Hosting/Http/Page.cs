using System.Globalization;
using Microsoft.AspNetCore.Http;

namespace BookSaga.Hosting.Http;

/// <summary><c>page</c> (from 1, default 1) and <c>limit</c> (1 to 100, default 50) of a list; out of range is 400.</summary>
/// <param name="Number">The page, from 1.</param>
/// <param name="Limit">Rows a page.</param>
public readonly record struct Page(int Number, int Limit)
{
    // Keeps the offset within what a client can mean; beyond it a date range is the way.
    private const int MaxNumber = 1_000_000;

    /// <summary>Rows to skip.</summary>
    public long Offset => (Number - 1L) * Limit;

    /// <summary>Reads both from the query string.</summary>
    /// <exception cref="InvalidParameterException">One is out of range or not a number.</exception>
    public static ValueTask<Page> BindAsync(HttpContext context) =>
        ValueTask.FromResult(new Page(Read(context, "page", 1, MaxNumber), Read(context, "limit", 50, 100)));

    private static int Read(HttpContext context, string name, int fallback, int max)
    {
        string? text = context.Request.Query[name];
        if (text is null)
        {
            return fallback;
        }
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int value) && value >= 1 && value <= max
            ? value
            : throw new InvalidParameterException($"{name} must be a whole number from 1 to {max}");
    }
}
