using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace BookSaga.Chart.Tests.Templates;

/// <summary>Reads the part of Go's text/template that the chart keeps to.</summary>
internal sealed partial class TemplateParser
{
    private readonly string _file;
    private readonly List<(bool Action, string Text)> _parts;
    private readonly Dictionary<string, IReadOnlyList<Node>> _defined;
    private int _next;

    private TemplateParser(string file, string text, Dictionary<string, IReadOnlyList<Node>> defined) => (_file, _parts, _defined) = (file, Split(text), defined);

    /// <summary>The template's body; what it defines is added to <paramref name="defined"/>.</summary>
    public static IReadOnlyList<Node> Parse(string file, string text, Dictionary<string, IReadOnlyList<Node>> defined)
    {
        var parser = new TemplateParser(file, text, defined);
        (List<Node> body, string end) = parser.Block();
        return end.Length == 0 ? body : throw parser.Wrong($"'{end}' without a beginning");
    }

    // Actions and the text between them, without the white space that {{- and -}} take away.
    private static List<(bool Action, string Text)> Split(string text)
    {
        var parts = new List<(bool, string)>();
        int from = 0;
        foreach (Match action in ActionPattern().Matches(text))
        {
            string before = text[from..action.Index];
            if (from > 0 && text[(from - 3)..from] == "-}}")
            {
                before = before.TrimStart();
            }
            parts.Add((false, action.Groups["left"].Success ? before.TrimEnd() : before));
            if (!action.Groups["comment"].Success)
            {
                parts.Add((true, action.Groups["code"].Value.Trim()));
            }
            from = action.Index + action.Length;
        }
        string rest = text[from..];
        parts.Add((false, from > 0 && text[(from - 3)..from] == "-}}" ? rest.TrimStart() : rest));
        return parts;
    }

    // Up to an end or else, which is returned; empty at the end of the file.
    private (List<Node> Nodes, string End) Block()
    {
        var nodes = new List<Node>();
        while (_next < _parts.Count)
        {
            (bool action, string text) = _parts[_next++];
            if (!action)
            {
                nodes.Add(new TextNode(text));
                continue;
            }
            string[] words = text.Split(' ', 2, StringSplitOptions.TrimEntries);
            switch (words[0])
            {
                case "end" or "else": return (nodes, text);
                case "if": nodes.Add(Conditional(words[1], rebinds: false)); break;
                case "with": nodes.Add(Conditional(words[1], rebinds: true)); break;
                case "range": nodes.Add(Range(words[1])); break;
                case "define": Define(words[1]); break;
                default: nodes.Add(Statement(text)); break;
            }
        }
        return (nodes, "");
    }

    private void Define(string name)
    {
        (List<Node> body, string end) = Block();
        _defined[name.Trim('"')] = end == "end" ? body : throw Wrong($"define {name} ends with '{end}'");
    }

    private IfNode Conditional(string condition, bool rebinds)
    {
        Pipeline pipeline = Expression(condition);
        (List<Node> then, string end) = Block();
        List<Node> otherwise = [];
        if (end.StartsWith("else if ", StringComparison.Ordinal))
        {
            otherwise = [Conditional(end["else if ".Length..], rebinds: false)];
        }
        else if (end == "else")
        {
            (otherwise, end) = Block();
        }
        return end == "end" || end.StartsWith("else if ", StringComparison.Ordinal) ? new IfNode(pipeline, then, otherwise, rebinds) : throw Wrong($"if {condition} has no end");
    }

    private RangeNode Range(string header)
    {
        Match variables = RangePattern().Match(header);
        string? first = variables.Groups["first"].Success ? variables.Groups["first"].Value : null;
        string? second = variables.Groups["second"].Success ? variables.Groups["second"].Value : null;
        (List<Node> body, string end) = Block();
        List<Node> otherwise = [];
        if (end == "else")
        {
            (otherwise, end) = Block();
        }
        return end == "end"
            ? new RangeNode(second is null ? null : first, second ?? first, Expression(variables.Groups["over"].Value), body, otherwise)
            : throw Wrong($"range {header} has no end");
    }

    private Node Statement(string text) =>
        AssignmentPattern().Match(text) is { Success: true } assignment
            ? new VariableNode(assignment.Groups["name"].Value, Expression(assignment.Groups["value"].Value), assignment.Groups["sign"].Value == ":=")
            : new OutputNode(Expression(text));

    private Pipeline Expression(string text)
    {
        Queue<string> tokens = new(TokenPattern().Matches(text).Select(m => m.Value));
        if (TokenPattern().Replace(text, "").Trim().Length > 0)
        {
            throw Wrong($"'{text}' is more than this renderer knows");
        }
        Pipeline pipeline = Pipes(tokens);
        return tokens.Count == 0 ? pipeline : throw Wrong($"'{text}' has a bracket too many");
    }

    private Pipeline Pipes(Queue<string> tokens)
    {
        List<Command> commands = [];
        List<Operand> operands = [];
        while (tokens.TryPeek(out string? token) && !token.StartsWith(')'))
        {
            tokens.Dequeue();
            if (token == "|")
            {
                commands.Add(new Command(operands));
                operands = [];
            }
            else
            {
                operands.Add(Operand(token, tokens));
            }
        }
        commands.Add(new Command(operands));
        return commands.TrueForAll(c => c.Operands.Count > 0) ? new Pipeline(commands) : throw Wrong("an empty command");
    }

    private Operand Operand(string token, Queue<string> tokens)
    {
        if (token == "(")
        {
            Pipeline inner = Pipes(tokens);
            return tokens.TryDequeue(out string? closing)
                ? new GroupOperand(inner, closing.Length > 1 ? closing[2..].Split('.') : [])
                : throw Wrong("a bracket is not closed");
        }
        return token[0] switch
        {
            '"' => new LiteralOperand(JsonSerializer.Deserialize<string>(token)),
            '`' => new LiteralOperand(token[1..^1]),
            '.' => new FieldOperand("", Path(token[1..])),
            '$' => new FieldOperand(token.Split('.')[0], Path(token.Contains('.', StringComparison.Ordinal) ? token[(token.IndexOf('.', StringComparison.Ordinal) + 1)..] : "")),
            _ when double.TryParse(token, CultureInfo.InvariantCulture, out double number) => new LiteralOperand(number),
            _ => token switch { "true" => new LiteralOperand(true), "false" => new LiteralOperand(false), "nil" => new LiteralOperand(null), _ => new FunctionOperand(token) },
        };
    }

    private static string[] Path(string path) => path.Length == 0 ? [] : path.Split('.');

    private InvalidOperationException Wrong(string what) => new($"{_file}: {what}");

    [GeneratedRegex(@"\{\{(?<left>-)?\s*(?:(?<comment>/\*.*?\*/)|(?<code>(?:""(?:\\.|[^""\\])*""|`[^`]*`|.)*?))\s*-?\}\}", RegexOptions.Singleline)]
    private static partial Regex ActionPattern();

    [GeneratedRegex(@"^(?:(?<first>\$\w+)(?:,\s*(?<second>\$\w+))?\s*:=\s*)?(?<over>.*)$", RegexOptions.Singleline)]
    private static partial Regex RangePattern();

    [GeneratedRegex(@"^(?<name>\$\w+)\s*(?<sign>:?=)\s*(?<value>.+)$", RegexOptions.Singleline)]
    private static partial Regex AssignmentPattern();

    [GeneratedRegex(@"""(?:\\.|[^""\\])*""|`[^`]*`|\(|\)(?:\.[\w.]+)?|\||-?\d+(?:\.\d+)?\b|\$\w*(?:\.\w+)*|(?:\.\w+)+|\.|\w+")]
    private static partial Regex TokenPattern();
}
