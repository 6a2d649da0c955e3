using System.Text.RegularExpressions;
using BookSaga.Chart.Tests.Templates;

namespace BookSaga.Chart.Tests;

/// <summary>One object that the chart makes.</summary>
/// <param name="File">The template it comes from.</param>
/// <param name="Text">Its YAML.</param>
/// <param name="Value">The same as plain values.</param>
internal sealed partial record Manifest(string File, string Text, IDictionary<string, object?> Value)
{
    private static readonly ChartRenderer s_chart = new();

    public string Kind => (string)Value["kind"]!;

    public string ApiVersion => (string)Value["apiVersion"]!;

    public string Name => (string)Value.At("metadata", "name")!;

    /// <summary>Kinds of Kubernetes itself, which its client knows; the others are operators'.</summary>
    public bool IsBuiltIn => !ApiVersion.Contains('.', StringComparison.Ordinal) || (ApiVersion.Split('/')[0].EndsWith(".k8s.io", StringComparison.Ordinal) && !ApiVersion.StartsWith("gateway.", StringComparison.Ordinal));

    /// <summary>The pod that it runs, if it runs one.</summary>
    public IDictionary<string, object?>? Pod => Kind switch
    {
        "Pod" => Value,
        "Deployment" or "StatefulSet" or "Job" => (IDictionary<string, object?>)Value.At("spec", "template")!,
        _ => null,
    };

    public IEnumerable<IDictionary<string, object?>> Containers => Pod is null ? [] : Pod.Maps("spec", "initContainers").Concat(Pod.Maps("spec", "containers"));

    /// <summary>What the chart makes of its values with <paramref name="overlays"/>.</summary>
    public static IReadOnlyList<Manifest> All(params IEnumerable<string> overlays) => All(ChartRenderer.Values(overlays), null);

    public static IReadOnlyList<Manifest> All(IDictionary<string, object?> values, Func<string, string, object?>? lookup) =>
    [
        .. s_chart.Render(values, lookup).Where(t => t.Key.EndsWith(".yaml", StringComparison.Ordinal))
            .SelectMany(t => Separator().Split(t.Value).SelectMany(text => Yaml.ReadAll(text).Select(value => new Manifest(t.Key, text, (IDictionary<string, object?>)value!)))),
    ];

    /// <summary>What people read after an installation.</summary>
    public static string Notes(params IEnumerable<string> overlays) => s_chart.Render(ChartRenderer.Values(overlays))["NOTES.txt"];

    [GeneratedRegex(@"^---\s*$", RegexOptions.Multiline)]
    private static partial Regex Separator();
}

/// <summary>Ways into plain values.</summary>
internal static class ValuePaths
{
    /// <summary>The member at <paramref name="path"/>; null where there is none.</summary>
    public static object? At(this IDictionary<string, object?> map, params ReadOnlySpan<string> path)
    {
        object? value = map;
        foreach (string name in path)
        {
            value = value is IDictionary<string, object?> inner && inner.TryGetValue(name, out object? member) ? member : null;
        }
        return value;
    }

    /// <summary>The maps in the list at <paramref name="path"/>; none where there is no list.</summary>
    public static IEnumerable<IDictionary<string, object?>> Maps(this IDictionary<string, object?> map, params ReadOnlySpan<string> path) =>
        (map.At(path) as List<object?> ?? []).Cast<IDictionary<string, object?>>();

    /// <summary>The strings in the list at <paramref name="path"/>.</summary>
    public static IEnumerable<string> Strings(this IDictionary<string, object?> map, params ReadOnlySpan<string> path) =>
        (map.At(path) as List<object?> ?? []).Cast<string>();
}
