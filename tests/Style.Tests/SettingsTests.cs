using System.Text.RegularExpressions;

namespace BookSaga.Style.Tests;

/// <summary>Every setting that a process reads is on the page of settings, and every setting there is read.</summary>
public sealed partial class SettingsTests
{
    private static readonly string s_page = File.ReadAllText(Path.Combine(SourceTests.Root, "docs", "settings.md"));
    private static readonly string s_sources = string.Join('\n', SourceTests.Files("src", "*.cs").Select(File.ReadAllText));

    // Of .NET itself.
    private static readonly string[] s_others = ["Logging:LogLevel:Default"];

    [Fact]
    public void What_is_bound_is_documented()
    {
        string[] bound = [.. Bound()];

        bound.Length.ShouldBeGreaterThan(60);
        bound.Where(setting => !s_page.Contains($"`{setting}`", StringComparison.Ordinal)).ShouldBeEmpty();
    }

    [Fact]
    public void What_is_documented_is_bound()
    {
        HashSet<string> bound = [.. Bound(), .. s_others];
        string[] documented = [.. Row().Matches(s_page).SelectMany(row => Setting().Matches(row.Value)).Select(m => m.Groups[1].Value).Distinct()];

        documented.Length.ShouldBeGreaterThan(60);
        // One address for each service: the name is a key, not a property.
        documented.Where(setting => !bound.Contains(setting) && !setting.StartsWith("Services:", StringComparison.Ordinal) && !setting.StartsWith("Backends:", StringComparison.Ordinal)).ShouldBeEmpty();
    }

    private static IEnumerable<string> Bound() => Binding().Matches(s_sources)
        .SelectMany(m => Properties(m.Groups["type"].Value, m.Groups["section"].Value))
        .Concat(ByName().Matches(s_sources).Select(m => m.Groups[1].Value)).Distinct();

    // The properties that can be set, of a class and of those that they are of.
    private static IEnumerable<string> Properties(string type, string section)
    {
        Match declaration = Regex.Match(s_sources, $@"^(?<indent> *)(?:public |internal |private )?(?:sealed )?(?:partial )?class {type}\b", RegexOptions.Multiline);
        if (!declaration.Success)
        {
            yield break;
        }
        int end = s_sources.IndexOf($"\n{declaration.Groups["indent"].Value}}}", declaration.Index, StringComparison.Ordinal);
        string indent = declaration.Groups["indent"].Value + "    ";
        foreach (Match property in Property().Matches(s_sources[declaration.Index..end]).Where(p => p.Groups["indent"].Value == indent))
        {
            string path = section.Length == 0 ? property.Groups["name"].Value : $"{section}:{property.Groups["name"].Value}";
            string[] inner = [.. Properties(property.Groups["type"].Value.TrimEnd('?'), path)];
            foreach (string setting in inner.Length > 0 ? inner : property.Groups["type"].Value.StartsWith("Dictionary", StringComparison.Ordinal) ? [] : [path])
            {
                yield return setting;
            }
        }
    }

    [GeneratedRegex(@"AddOptions<(?<type>\w+)>\(\)\.BindConfiguration\(""(?<section>\w*)""\)|GetSection\(""(?<section>\w+)""\)\.Get<(?<type>\w+)>")]
    private static partial Regex Binding();

    [GeneratedRegex(@"\[""([A-Z]\w+:[A-Za-z:]+)""\]")]
    private static partial Regex ByName();

    [GeneratedRegex(@"^(?<indent> +)public (?:required )?(?<type>[\w<>?, ]+) (?<name>\w+) \{ get; (?:set|init); \}", RegexOptions.Multiline)]
    private static partial Regex Property();

    [GeneratedRegex(@"^\| `[^|]*\|", RegexOptions.Multiline)]
    private static partial Regex Row();

    [GeneratedRegex("`([A-Z][A-Za-z]+:[A-Za-z:]+)`")]
    private static partial Regex Setting();
}
