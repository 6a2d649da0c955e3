using System.Text.RegularExpressions;

namespace BookSaga.Style.Tests;

/// <summary>What STYLE.md asks for and analyzers cannot see.</summary>
public sealed partial class SourceTests
{
    private const int MaxFileLines = 205;
    private const int MedianFileLines = 60;
    private const int MaxMethodLines = 70;
    private const int MaxProgramLines = 40;
    internal static readonly string Root = FindRoot();
    private static readonly string[] Sources = [.. Files("src", "*.cs")];

    [Fact]
    public void Files_are_short() => Sources.Where(f => File.ReadLines(f).Count() > MaxFileLines).Select(Relative).ShouldBeEmpty();

    [Fact]
    public void Half_of_the_files_fit_on_a_screen()
    {
        int[] lengths = [.. Sources.Select(f => File.ReadLines(f).Count()).Order()];
        lengths[lengths.Length / 2].ShouldBeLessThanOrEqualTo(MedianFileLines);
    }

    [Fact]
    public void Methods_are_short() => Sources
        .SelectMany(f => Methods(File.ReadAllLines(f)).Where(m => m.Lines > MaxMethodLines).Select(m => $"{Relative(f)}:{m.Start} has {m.Lines} lines"))
        .ShouldBeEmpty();

    [Fact]
    public void A_service_begins_on_one_screen() =>
        Files("src", "Program.cs").Where(f => File.ReadLines(f).Count() > MaxProgramLines).Select(Relative).ShouldBeEmpty();

    [Fact]
    public void Nothing_is_left_open() => Sources.Concat(Files("tests", "*.cs")).Concat(Files("src", "*.sql"))
        .Where(f => !f.EndsWith("SourceTests.cs", StringComparison.Ordinal) && OpenWork().IsMatch(File.ReadAllText(f)))
        .Select(Relative).ShouldBeEmpty();

    [Fact]
    public void Every_use_case_that_can_be_mapped_is_mapped()
    {
        string all = string.Join('\n', Sources.Select(File.ReadAllText));
        var mapped = Sources.Where(f => MapMethod().IsMatch(File.ReadAllText(f))).Select(f => Path.GetFileNameWithoutExtension(f)).ToArray();
        mapped.Length.ShouldBeGreaterThan(20);
        mapped.Where(name => !all.Contains($"{name}.Map(", StringComparison.Ordinal)).ShouldBeEmpty();
    }

    [Fact]
    public void Every_event_is_in_the_catalogue()
    {
        string catalogue = File.ReadAllText(Path.Combine(Root, "docs", "messages.md"));
        string[] events = [.. EventName().Matches(File.ReadAllText(Path.Combine(Root, "src", "Contracts", "Events.cs"))).Select(m => m.Groups[1].Value)];
        events.Length.ShouldBeGreaterThan(3);
        events.Where(name => !catalogue.Contains(name, StringComparison.Ordinal)).ShouldBeEmpty();
    }

    [Fact]
    public void Every_metric_is_in_the_documentation()
    {
        string documented = File.ReadAllText(Path.Combine(Root, "docs", "metrics.md"));
        string[] metrics = [.. Sources.SelectMany(f => MetricName().Matches(File.ReadAllText(f))).Select(m => m.Groups[1].Value.Replace('.', '_')).Distinct()];
        metrics.Length.ShouldBeGreaterThan(10);
        metrics.Where(name => !documented.Contains($"| `{name}", StringComparison.Ordinal)).ShouldBeEmpty();
    }

    [Fact]
    public void No_service_reads_another_services_code()
    {
        string[] services = ["Company", "Customer", "Booking", "Payment", "Notification", "Identity", "Gateway", "Web"];
        Files("src", "*.csproj")
            .SelectMany(f => services.Where(s => File.ReadAllText(f).Contains($"/{s}/{s}.csproj", StringComparison.Ordinal)).Select(s => $"{Relative(f)} references {s}"))
            .ShouldBeEmpty();
    }

    [Fact]
    public void The_settings_in_the_documentation_and_in_the_code_are_the_same()
    {
        string documented = File.ReadAllText(Path.Combine(Root, "docs", "settings.md"));
        string[] sections = [.. Sources.SelectMany(f => SettingsSection().Matches(File.ReadAllText(f))).Select(m => m.Groups[1].Value).Distinct()];
        sections.Length.ShouldBeGreaterThan(4);
        sections.Where(s => !documented.Contains($"`{s}:", StringComparison.Ordinal)).ShouldBeEmpty();
    }

    // A method begins at a line with an access modifier and a parameter list that is no declaration of a type, and ends at its closing brace.
    private static IEnumerable<(int Start, int Lines)> Methods(string[] lines)
    {
        for (int i = 0; i < lines.Length; i++)
        {
            if (!MethodStart().IsMatch(lines[i]))
            {
                continue;
            }
            string close = lines[i][..^lines[i].TrimStart().Length] + "}";
            int end = Array.FindIndex(lines, i, l => l == close || (l.EndsWith(';') && l.Length - l.TrimStart().Length <= close.Length + 3 && !l.TrimStart().StartsWith('}')));
            yield return (i + 1, end < 0 ? lines.Length - i : end - i + 1);
        }
    }

    internal static IEnumerable<string> Files(string folder, string pattern) => Directory
        .EnumerateFiles(Path.Combine(Root, folder), pattern, SearchOption.AllDirectories)
        .Where(f => !f.Contains("/obj/", StringComparison.Ordinal) && !f.Contains("/bin/", StringComparison.Ordinal));

    private static string Relative(string file) => Path.GetRelativePath(Root, file);

    private static string FindRoot()
    {
        string? folder = AppContext.BaseDirectory;
        while (folder is not null && !File.Exists(Path.Combine(folder, "BookSaga.slnx")))
        {
            folder = Path.GetDirectoryName(folder);
        }
        return folder ?? throw new InvalidOperationException("the tests run outside the repository");
    }

    [GeneratedRegex(@"\b(TODO|FIXME|HACK|NotImplementedException)\b")]
    private static partial Regex OpenWork();

    [GeneratedRegex(@"internal static void Map\(")]
    private static partial Regex MapMethod();

    [GeneratedRegex(@"const string \w+ = ""([a-z]+\.[a-z-]+\.v\d+)""")]
    private static partial Regex EventName();

    [GeneratedRegex(@"(?:Create(?:Counter|UpDownCounter|Histogram|Gauge|Observable\w+)(?:<\w+>)?|new DatabaseGauge)\(\s*""(booksaga\.[a-z._]+)""")]
    private static partial Regex MetricName();

    [GeneratedRegex(@"(?:BindConfiguration|GetSection)\(""(\w+)""")]
    private static partial Regex SettingsSection();

    [GeneratedRegex(@"^ +(public|internal|private|protected)[^=;]*\([^;]*$")]
    private static partial Regex MethodStart();
}
