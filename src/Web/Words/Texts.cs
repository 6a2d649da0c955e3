using System.Collections.Frozen;
using System.Globalization;
using System.Reflection;
using System.Text.Json;
using BookSaga.Web.Api;

namespace BookSaga.Web.Words;

/// <summary>All words of all pages in one language, from the files <c>{Area}.{language}.json</c>; a key is <c>area.name</c>.</summary>
internal sealed class Dictionary
{
    private const string Prefix = "words/";

    private static readonly FrozenDictionary<string, FrozenDictionary<string, string>> ByLanguage =
        ((string[])["ru", "en"]).ToFrozenDictionary(language => language, Load);

    /// <summary>Every key with its text in <paramref name="language"/>.</summary>
    public static FrozenDictionary<string, string> Of(string language) => ByLanguage[language];

    private static FrozenDictionary<string, string> Load(string language)
    {
        var assembly = Assembly.GetExecutingAssembly();
        var words = new Dictionary<string, string>();
        foreach (string file in assembly.GetManifestResourceNames().Where(n => n.StartsWith(Prefix, StringComparison.Ordinal) && n.EndsWith("." + language, StringComparison.Ordinal)))
        {
            using Stream stream = assembly.GetManifestResourceStream(file)!;
            string area = file[Prefix.Length..^(language.Length + 1)].ToLowerInvariant();
            foreach ((string key, string text) in JsonSerializer.Deserialize<Dictionary<string, string>>(stream)!)
            {
                words.Add($"{area}.{key}", text);
            }
        }
        return words.ToFrozenDictionary();
    }
}

/// <summary>Words, numbers, money and times as this visitor reads them.</summary>
public sealed class Texts(Visitor visitor)
{
    private readonly FrozenDictionary<string, string> _words = Dictionary.Of(visitor.Language);

    /// <summary>How the visitor reads.</summary>
    public Visitor Visitor => visitor;

    /// <summary>The text of <paramref name="key"/>; the key itself where there is none, so that a mistake is seen and nothing breaks.</summary>
    public string this[string key] => _words.GetValueOrDefault(key, key);

    /// <summary>The same with <c>{0}</c>… filled in.</summary>
    public string this[string key, params object[] values] => string.Format(visitor.Culture, this[key], values);

    /// <summary>Whether there is a text.</summary>
    public bool Has(string key) => _words.ContainsKey(key);

    /// <summary>The text in the form for <paramref name="number"/>: its forms are separated by <c>|</c>, in Russian one, few, many, in English one, other; <c>{0}</c> is the number.</summary>
    public string Count(string key, long number)
    {
        string[] forms = this[key].Split('|');
        return string.Format(visitor.Culture, forms[Math.Min(Form(number), forms.Length - 1)], number);
    }

    /// <summary>An amount with its currency; cents only where there are some.</summary>
    public string Money(decimal amount)
    {
        string number = amount.ToString(decimal.Truncate(amount) == amount ? "N0" : "N2", visitor.Culture);
        string sign = Sign(visitor.Currency);
        return (visitor.Language == "ru" || sign.Length > 1 ? $"{number}\u00A0{sign}" : sign + number).Replace(' ', '\u00A0');
    }

    /// <summary>For example “Mon, 30 November”; with the year where it is not this one.</summary>
    public string Day(DateOnly day, DateOnly today) =>
        day.ToString(day.Year == today.Year ? "ddd, d MMMM" : "ddd, d MMMM yyyy", visitor.Culture);

    /// <summary>The moment in the visitor's zone.</summary>
    public DateTimeOffset Local(DateTimeOffset moment) => TimeZoneInfo.ConvertTime(moment, visitor.Zone);

    /// <summary>Day and time in the visitor's zone, without its name.</summary>
    public string Moment(DateTimeOffset moment) => Local(moment).ToString("ddd, d MMMM yyyy, HH:mm", visitor.Culture);

    /// <summary>The zone's short name at that moment: <c>UTC+3</c>.</summary>
    public string Offset(DateTimeOffset moment)
    {
        TimeSpan offset = visitor.Zone.GetUtcOffset(moment);
        return offset == TimeSpan.Zero ? "UTC" : $"UTC{(offset < TimeSpan.Zero ? '−' : '+')}{offset.ToString(offset.Minutes == 0 ? "%h" : @"h\:mm", CultureInfo.InvariantCulture)}";
    }

    /// <summary>What went wrong, and what became of the money.</summary>
    public string Problem(ApiProblem problem)
    {
        string key = "problem." + problem.Code;
        string? known = _words.ContainsKey(key) ? key : _words.Keys.FirstOrDefault(k => k.EndsWith(key, StringComparison.Ordinal)); // an area's own pair
        return this[known ?? (problem.IsUnknown ? "problem.unavailable" : "problem.other")];
    }

    // CLDR plural rules of whole numbers (unicode.org/cldr/charts/latest/supplemental/language_plural_rules.html).
    private int Form(long number) => visitor.Language == "en" ? (number == 1 ? 0 : 1)
        : (number % 10, number % 100) switch
        {
            (1, not 11) => 0,
            (>= 2 and <= 4, not (>= 12 and <= 14)) => 1,
            _ => 2,
        };

    private static string Sign(string currency) => currency switch { "RUB" => "₽", "EUR" => "€", "USD" => "$", "GBP" => "£", _ => currency };
}

/// <summary>Setup of words.</summary>
internal static class WordSetup
{
    public static void AddWords(this WebApplicationBuilder builder) => builder.Services.AddScoped<Visitor>().AddScoped<Texts>();
}
