using System.Collections;
using System.Globalization;
using System.Text;

namespace BookSaga.Chart.Tests.Templates;

/// <summary>Carries a template out.</summary>
/// <param name="defined">The templates that <c>include</c> knows.</param>
/// <param name="functions">The others, by name.</param>
internal sealed class TemplateRunner(IReadOnlyDictionary<string, IReadOnlyList<Node>> defined, Func<string, object?[], object?> functions)
{
    /// <summary>The text that <paramref name="nodes"/> make of <paramref name="dot"/>.</summary>
    public string Run(IReadOnlyList<Node> nodes, object? dot)
    {
        var text = new StringBuilder();
        Run(nodes, dot, new Scope(null) { ["$"] = dot }, text);
        return text.ToString();
    }

    private void Run(IReadOnlyList<Node> nodes, object? dot, Scope scope, StringBuilder text)
    {
        foreach (Node node in nodes)
        {
            switch (node)
            {
                case TextNode t:
                    text.Append(t.Text);
                    break;
                case OutputNode o:
                    text.Append(GoValues.Print(Evaluate(o.Pipeline, dot, scope)));
                    break;
                case VariableNode v:
                    (v.Declares ? scope : scope.Of(v.Name))[v.Name] = Evaluate(v.Pipeline, dot, scope);
                    break;
                case IfNode i:
                    object? condition = Evaluate(i.Condition, dot, scope);
                    bool holds = GoValues.IsTrue(condition);
                    Run(holds ? i.Then : i.Else, holds && i.Rebinds ? condition : dot, new Scope(scope), text);
                    break;
                case RangeNode r:
                    Range(r, dot, scope, text);
                    break;
                default:
                    throw new InvalidOperationException($"{node} is no node");
            }
        }
    }

    private void Range(RangeNode range, object? dot, Scope scope, StringBuilder text)
    {
        (object? Key, object? Value)[] items = Evaluate(range.Over, dot, scope) switch
        {
            null => [],
            IDictionary<string, object?> map => [.. map.OrderBy(p => p.Key, StringComparer.Ordinal).Select(p => ((object?)p.Key, p.Value))],
            IList list => [.. list.Cast<object?>().Select((value, i) => ((object?)(double)i, value))],
            { } other => throw new InvalidOperationException($"range over {other}"),
        };
        foreach ((object? key, object? value) in items)
        {
            var inner = new Scope(scope);
            if (range.Key is not null)
            {
                inner[range.Key] = key;
            }
            if (range.Value is not null)
            {
                inner[range.Value] = value;
            }
            Run(range.Body, value, inner, text);
        }
        if (items.Length == 0)
        {
            Run(range.Else, dot, new Scope(scope), text);
        }
    }

    private object? Evaluate(Pipeline pipeline, object? dot, Scope scope)
    {
        object? result = null;
        for (int i = 0; i < pipeline.Commands.Count; i++)
        {
            result = Evaluate(pipeline.Commands[i], i > 0 ? [result] : [], dot, scope);
        }
        return result;
    }

    private object? Evaluate(Command command, object?[] piped, object? dot, Scope scope)
    {
        Operand first = command.Operands[0];
        Operand[] rest = [.. command.Operands.Skip(1)];
        if (first is FunctionOperand { Name: "and" or "or" } junction)
        {
            return Junction(junction.Name == "or", rest, dot, scope);
        }
        object?[] arguments = [.. rest.Select(operand => Value(operand, dot, scope)), .. piped];
        if (first is FunctionOperand function)
        {
            return function.Name == "include"
                ? Run(defined.TryGetValue((string)arguments[0]!, out IReadOnlyList<Node>? body) ? body : throw new InvalidOperationException($"no template {arguments[0]}"), arguments[1])
                : functions(function.Name, arguments);
        }
        object? value = Value(first, dot, scope);
        return value is Func<string, object?> method && arguments.Length == 1 ? method((string)arguments[0]!)
            : arguments.Length == 0 ? value
            : throw new InvalidOperationException($"{first} takes no arguments");
    }

    // The first that decides, and no later one is looked at.
    private object? Junction(bool decides, Operand[] operands, object? dot, Scope scope)
    {
        object? value = null;
        foreach (Operand operand in operands)
        {
            value = Value(operand, dot, scope);
            if (GoValues.IsTrue(value) == decides)
            {
                return value;
            }
        }
        return value;
    }

    private object? Value(Operand operand, object? dot, Scope scope) => operand switch
    {
        LiteralOperand literal => literal.Value,
        FieldOperand field => Follow(field.Variable.Length == 0 ? dot : scope.Of(field.Variable)[field.Variable], field.Path),
        GroupOperand group => Follow(Evaluate(group.Pipeline, dot, scope), group.Path),
        FunctionOperand function => functions(function.Name, []),
        _ => throw new InvalidOperationException($"{operand} is no value"),
    };

    private static object? Follow(object? value, IReadOnlyList<string> path)
    {
        foreach (string name in path)
        {
            value = value switch
            {
                IDictionary<string, object?> map => map.TryGetValue(name, out object? member) ? member : null,
                null => throw new InvalidOperationException($"{name} of nothing"),
                _ => throw new InvalidOperationException($"{name} of {value}"),
            };
        }
        return value;
    }

    private sealed class Scope(Scope? outer) : Dictionary<string, object?>
    {
        public Scope Of(string name) => ContainsKey(name) ? this : outer?.Of(name) ?? throw new InvalidOperationException($"no variable {name}");
    }
}

/// <summary>Values as Go sees them.</summary>
internal static class GoValues
{
    public static bool IsTrue(object? value) => value switch
    {
        null or false or "" or 0d => false,
        ICollection<KeyValuePair<string, object?>> map => map.Count > 0,
        ICollection list => list.Count > 0,
        _ => true,
    };

    public static string Print(object? value) => value switch
    {
        null => "",
        string text => text,
        bool truth => truth ? "true" : "false",
        double number => number.ToString("R", CultureInfo.InvariantCulture),
        _ => throw new InvalidOperationException($"{value} is printed"),
    };
}
