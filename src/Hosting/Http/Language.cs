using System.Globalization;
using Microsoft.AspNetCore.Http;

namespace BookSaga.Hosting.Http;

/// <summary>The reader's language by <c>Accept-Language</c>: <c>ru</c> (default) or <c>en</c>.</summary>
/// <param name="Code"><c>ru</c> or <c>en</c>.</param>
public readonly record struct Language(string Code)
{
    /// <summary>Takes the listed language with the highest weight that we have; Russian when none is listed.</summary>
    public static ValueTask<Language> BindAsync(HttpContext context)
    {
        string? best = null;
        double bestWeight = 0;
        foreach (Microsoft.Net.Http.Headers.StringWithQualityHeaderValue entry in context.Request.GetTypedHeaders().AcceptLanguage)
        {
            string code = entry.Value.ToString().Split('-')[0].ToLower(CultureInfo.InvariantCulture);
            double weight = entry.Quality ?? 1;
            if (code is "ru" or "en" && weight > bestWeight)
            {
                (best, bestWeight) = (code, weight);
            }
        }
        return ValueTask.FromResult(new Language(best ?? "ru"));
    }
}
