using System.Text.RegularExpressions;
using BookSaga.Launcher;

namespace BookSaga.Web.Tests;

/// <summary>Both languages say everything.</summary>
public sealed partial class WordTests
{
    private static readonly string s_source = string.Join('\n', Directory
        .EnumerateFiles(Path.Combine(Workspace.Root, "src", "Web"), "*.*", SearchOption.AllDirectories)
        .Where(file => file.EndsWith(".razor", StringComparison.Ordinal) || file.EndsWith(".cs", StringComparison.Ordinal)).Select(File.ReadAllText));

    [Fact]
    public void Both_languages_have_the_same_keys_and_no_empty_text()
    {
        Words.Dictionary.Of("ru").Keys.Order().ShouldBe(Words.Dictionary.Of("en").Keys.Order());
        ((string[])["ru", "en"]).SelectMany(language => Words.Dictionary.Of(language)).Where(word => string.IsNullOrWhiteSpace(word.Value)).ShouldBeEmpty();
    }

    [Fact]
    public void Both_texts_of_a_key_have_the_same_places_to_fill_in()
    {
        foreach ((string key, string russian) in Words.Dictionary.Of("ru"))
        {
            Places(russian).ShouldBe(Places(Words.Dictionary.Of("en")[key]), key);
        }

        static string Places(string text) => string.Join(' ', Place().Matches(text).Select(m => m.Value).Distinct().Order());
    }

    [Fact]
    public void Every_key_that_pages_use_exists()
    {
        string[] used = [.. Key().Matches(s_source).Select(m => m.Groups[1].Value).Distinct()];
        used.Length.ShouldBeGreaterThan(40);
        used.Where(key => !Words.Dictionary.Of("en").ContainsKey(key) && !Words.Dictionary.Of("en").Keys.Any(k => key.EndsWith('.') && k.StartsWith(key, StringComparison.Ordinal))).ShouldBeEmpty();
    }

    [Theory]
    [InlineData(1, "при отмене не позже чем за 1 час ")]
    [InlineData(2, "за 2 часа ")]
    [InlineData(5, "за 5 часов ")]
    [InlineData(11, "за 11 часов ")]
    [InlineData(24, "за 24 часа ")]
    [InlineData(111, "за 111 часов ")]
    public void Russian_numbers_have_their_forms(int hours, string expected)
    {
        var context = new Microsoft.AspNetCore.Http.DefaultHttpContext();
        context.Request.Headers.AcceptLanguage = "ru";
        var visitor = new Words.Visitor(new Microsoft.AspNetCore.Http.HttpContextAccessor { HttpContext = context }, Microsoft.Extensions.Options.Options.Create(new BookSaga.Web.Site.WebOptions()));
        new Words.Texts(visitor).Count("client.pay.refund", hours).ToLowerInvariant().ShouldContain(expected);
    }

    // T["area.key"], T["area.key", …], T.Count("area.key", …), T[$"area.prefix.{…}"], T["area.prefix." + …]
    [GeneratedRegex("""(?:\b[Tt](?:exts)?\[|\.Count\(|\.Has\()\$?"([a-z_]+\.[a-z0-9_.]+)""")]
    private static partial Regex Key();

    [GeneratedRegex(@"\{\d")]
    private static partial Regex Place();
}
