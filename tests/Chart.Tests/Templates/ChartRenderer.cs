namespace BookSaga.Chart.Tests.Templates;

/// <summary>The chart rendered as `helm template` would, for the subset of the language that it keeps to.</summary>
internal sealed class ChartRenderer
{
    private readonly Dictionary<string, IReadOnlyList<Node>> _defined = [];
    private readonly List<(string File, IReadOnlyList<Node> Body)> _templates = [];

    public ChartRenderer()
    {
        string templates = Repository.File("deploy", "chart", "templates");
        foreach (string file in Directory.EnumerateFiles(templates, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
        {
            IReadOnlyList<Node> body = TemplateParser.Parse(Path.GetRelativePath(templates, file), File.ReadAllText(file), _defined);
            if (!Path.GetFileName(file).StartsWith('_'))
            {
                _templates.Add((Path.GetRelativePath(templates, file), body));
            }
        }
    }

    /// <summary>The chart's own values with <paramref name="overlays"/> laid over them in turn.</summary>
    public static IDictionary<string, object?> Values(params IEnumerable<string> overlays) =>
        overlays.Aggregate(Yaml.ReadMap(Repository.Read("deploy", "chart", "values.yaml")), (values, overlay) => Yaml.Merge(values, Yaml.ReadMap(overlay)));

    /// <summary>Every template's text by its file; what takes parts of a cluster for granted asks <paramref name="lookup"/>.</summary>
    public IReadOnlyDictionary<string, string> Render(IDictionary<string, object?> values, Func<string, string, object?>? lookup = null)
    {
        IDictionary<string, object?> chart = Yaml.ReadMap(Repository.Read("deploy", "chart", "Chart.yaml"));
        var functions = new Functions((_, kind, _, name) => lookup?.Invoke(kind, name));
        var runner = new TemplateRunner(_defined, functions.Call);
        var root = new Dictionary<string, object?>
        {
            ["Values"] = values,
            ["Chart"] = new Dictionary<string, object?> { ["Name"] = chart["name"], ["Version"] = chart["version"], ["AppVersion"] = chart["appVersion"] },
            ["Release"] = new Dictionary<string, object?> { ["Name"] = "booksaga", ["Namespace"] = "booksaga", ["Service"] = "Helm", ["Revision"] = 1d },
            ["Files"] = new Dictionary<string, object?> { ["Get"] = (Func<string, object?>)ReadFile, ["Glob"] = (Func<string, object?>)Glob },
        };
        return _templates.ToDictionary(t => t.File, t => Run(t.File, () => runner.Run(t.Body, root)));
    }

    private static string Run(string file, Func<string> render)
    {
        try
        {
            return render();
        }
        catch (InvalidOperationException e)
        {
            throw new InvalidOperationException($"{file}: {e.Message}", e);
        }
    }

    private static string ReadFile(string path) => Repository.Read(["deploy", "chart", .. path.Split('/')]);

    private static Dictionary<string, object?> Glob(string pattern) => Directory
        .EnumerateFiles(Repository.File(["deploy", "chart", .. Path.GetDirectoryName(pattern)!.Split('/')]), Path.GetFileName(pattern))
        .ToDictionary(file => Path.Combine(Path.GetDirectoryName(pattern)!, Path.GetFileName(file)), _ => (object?)"");
}

/// <summary>Files of the repository.</summary>
internal static class Repository
{
    private static readonly string s_root = FindRoot();

    public static string File(params string[] path) => Path.Combine([s_root, .. path]);

    public static string Read(params string[] path) => System.IO.File.ReadAllText(File(path));

    private static string FindRoot()
    {
        string? folder = AppContext.BaseDirectory;
        while (folder is not null && !System.IO.File.Exists(Path.Combine(folder, "BookSaga.slnx")))
        {
            folder = Path.GetDirectoryName(folder);
        }
        return folder ?? throw new InvalidOperationException("the tests run outside the repository");
    }
}
