using System.Collections;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace BookSaga.Chart.Tests.Templates;

/// <summary>The functions of Go, Sprig and Helm that the chart uses, and no others.</summary>
/// <param name="lookup">What the cluster has: api version, kind, namespace, name.</param>
internal sealed partial class Functions(Func<string, string, string, string, object?> lookup)
{
    public object? Call(string name, object?[] a) => name switch
    {
        "add" => a.Sum(Number),
        "append" => new List<object?>(List(a[0])) { a[1] },
        "b64dec" => Encoding.UTF8.GetString(Convert.FromBase64String(Text(a[0]))),
        "b64enc" => Convert.ToBase64String(Encoding.UTF8.GetBytes(Text(a[0]))),
        "base" => Path.GetFileName(Text(a[0])),
        "concat" => a.SelectMany(List).ToList(),
        "default" => GoValues.IsTrue(a[1]) ? a[1] : a[0],
        "dict" => a.Length == 0 ? new Dictionary<string, object?>() : a.Chunk(2).ToDictionary(pair => Text(pair[0]), pair => pair[1]),
        "eq" => Equals(a[0], a[1]),
        "fail" => throw new InvalidOperationException(Text(a[0])),
        "fromYamlArray" => Yaml.ReadAll(Text(a[0])).SingleOrDefault() ?? new List<object?>(),
        "get" => Map(a[0]).TryGetValue(Text(a[1]), out object? value) ? value : "",
        "gt" => Number(a[0]) > Number(a[1]),
        "has" => List(a[1]).Any(item => Equals(item, a[0])),
        "hasKey" => Map(a[0]).ContainsKey(Text(a[1])),
        "index" => a.Skip(1).Aggregate(a[0], (map, key) => map is null ? null : Map(map).TryGetValue(Text(key), out object? member) ? member : null),
        "int" => Math.Truncate(Number(a[0])),
        "list" => a.ToList(),
        "lookup" => lookup(Text(a[0]), Text(a[1]), Text(a[2]), Text(a[3])) ?? new Dictionary<string, object?>(),
        "ne" => !Equals(a[0], a[1]),
        "nindent" => "\n" + Indent(a),
        "indent" => Indent(a),
        "not" => !GoValues.IsTrue(a[0]),
        "printf" => Printf(Text(a[0]), a[1..]),
        "quote" => "\"" + GoValues.Print(a[0]).Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal) + "\"",
        "randAlphaNum" => RandomNumberGenerator.GetString("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789", (int)Number(a[0])),
        "replace" => Text(a[2]).Replace(Text(a[0]), Text(a[1]), StringComparison.Ordinal),
        "set" => Set(Map(a[0]), Text(a[1]), a[2]),
        "sha256sum" => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Text(a[0])))),
        "ternary" => a[2] is true ? a[0] : a[2] is false ? a[1] : throw new InvalidOperationException("ternary needs a boolean"),
        "toJson" => Yaml.WriteJson(a[0]),
        "toYaml" => Yaml.Write(a[0]),
        "trimSuffix" => Text(a[1]).EndsWith(Text(a[0]), StringComparison.Ordinal) ? Text(a[1])[..^Text(a[0]).Length] : a[1],
        "uniq" => List(a[0]).Distinct().ToList(),
        "upper" => Text(a[0]).ToUpperInvariant(),
        _ => throw new InvalidOperationException($"this renderer knows no function {name}"),
    };

    private static string Indent(object?[] a) => string.Join('\n', Text(a[1]).Split('\n').Select(line => new string(' ', (int)Number(a[0])) + line));

    private static IDictionary<string, object?> Set(IDictionary<string, object?> map, string key, object? value)
    {
        map[key] = value;
        return map;
    }

    // Go's arguments are typed: a wrong one is an error there, and so it is here.
    private static string Printf(string format, object?[] arguments)
    {
        int next = 0;
        return Verb().Replace(format, verb => (verb.Groups["kind"].Value, arguments[next++]) switch
        {
            ("s" or "v", string text) => text,
            ("v", double and (>= 1e6 or <= -1e6)) => throw new InvalidOperationException("printf %v writes a large number as 1e+06"),
            ("v", double number) => number.ToString(CultureInfo.InvariantCulture),
            ("d", double number) when number == Math.Truncate(number) => ((long)number).ToString("D" + (verb.Groups["width"].Value is { Length: > 0 } width ? width : "1"), CultureInfo.InvariantCulture),
            (var kind, var value) => throw new InvalidOperationException($"printf %{kind} of {value}"),
        });
    }

    private static string Text(object? value) => value as string ?? throw new InvalidOperationException($"'{value}' is no string");

    private static double Number(object? value) => value as double? ?? throw new InvalidOperationException($"'{value}' is no number");

    private static IDictionary<string, object?> Map(object? value) => value as IDictionary<string, object?> ?? throw new InvalidOperationException($"'{value}' is no map");

    private static IEnumerable<object?> List(object? value) => (value as IList)?.Cast<object?>() ?? throw new InvalidOperationException($"'{value}' is no list");

    [GeneratedRegex("%0?(?<width>[0-9]*)(?<kind>[a-z])")]
    private static partial Regex Verb();
}
