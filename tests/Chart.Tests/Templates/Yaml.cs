using System.Globalization;
using System.Text.Json;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace BookSaga.Chart.Tests.Templates;

/// <summary>YAML to plain values and back: maps, lists, strings, booleans and doubles.</summary>
internal static class Yaml
{
    /// <summary>The documents that are not empty.</summary>
    public static IEnumerable<object?> ReadAll(string text)
    {
        var stream = new YamlStream();
        stream.Load(new StringReader(text));
        return stream.Documents.Select(document => Value(document.RootNode)).Where(value => value is not null and not "");
    }

    public static IDictionary<string, object?> ReadMap(string text) => (IDictionary<string, object?>)ReadAll(text).Single()!;

    /// <summary>In block form at the top, so that it can be put among other members.</summary>
    public static string Write(object? value) => value switch
    {
        IDictionary<string, object?> { Count: > 0 } map => string.Join('\n', map.OrderBy(p => p.Key, StringComparer.Ordinal).Select(p => $"{JsonSerializer.Serialize(p.Key)}: {WriteJson(p.Value)}")),
        IList<object?> { Count: > 0 } list => string.Join('\n', list.Select(item => $"- {WriteJson(item)}")),
        _ => WriteJson(value),
    };

    public static string WriteJson(object? value) => JsonSerializer.Serialize(value);

    /// <summary><paramref name="over"/> laid over <paramref name="values"/>, as Helm does it: maps are joined, all else is replaced.</summary>
    public static IDictionary<string, object?> Merge(IDictionary<string, object?> values, IDictionary<string, object?> over)
    {
        foreach ((string key, object? value) in over)
        {
            values[key] = value is IDictionary<string, object?> map && values.TryGetValue(key, out object? old) && old is IDictionary<string, object?> there ? Merge(there, map) : value;
        }
        return values;
    }

    private static object? Value(YamlNode node) => node switch
    {
        YamlMappingNode map => map.Children.ToDictionary(pair => ((YamlScalarNode)pair.Key).Value!, pair => Value(pair.Value)),
        YamlSequenceNode list => list.Children.Select(Value).ToList(),
        YamlScalarNode { Style: ScalarStyle.Plain, Value: { } text } => Plain(text),
        YamlScalarNode { Value: { } text } => text,
        _ => null,
    };

    private static object? Plain(string text) => text switch
    {
        "" or "~" or "null" => null,
        "true" => true,
        "false" => false,
        _ when double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) && !text.StartsWith('+') => number,
        _ => text,
    };
}
