namespace BookSaga.Chart.Tests.Templates;

/// <summary>A piece of a template.</summary>
internal abstract record Node;

/// <summary>Text that stands for itself.</summary>
internal sealed record TextNode(string Text) : Node;

/// <summary><c>{{ pipeline }}</c>, printed.</summary>
internal sealed record OutputNode(Pipeline Pipeline) : Node;

/// <summary><c>{{ $name := pipeline }}</c>, or with <c>=</c> an assignment to a variable that there is.</summary>
internal sealed record VariableNode(string Name, Pipeline Pipeline, bool Declares) : Node;

/// <summary><c>{{ if }} … {{ else }} … {{ end }}</c>; with <paramref name="Rebinds"/>, <c>with</c>.</summary>
internal sealed record IfNode(Pipeline Condition, IReadOnlyList<Node> Then, IReadOnlyList<Node> Else, bool Rebinds) : Node;

/// <summary><c>{{ range $key, $value := pipeline }} … {{ end }}</c>.</summary>
internal sealed record RangeNode(string? Key, string? Value, Pipeline Over, IReadOnlyList<Node> Body, IReadOnlyList<Node> Else) : Node;

/// <summary>Commands whose result is the last argument of the next.</summary>
internal sealed record Pipeline(IReadOnlyList<Command> Commands);

/// <summary>A function with its arguments, or one value.</summary>
internal sealed record Command(IReadOnlyList<Operand> Operands);

/// <summary>A value in a command.</summary>
internal abstract record Operand;

/// <summary>A string, number, boolean or nil.</summary>
internal sealed record LiteralOperand(object? Value) : Operand;

/// <summary>A function's name.</summary>
internal sealed record FunctionOperand(string Name) : Operand;

/// <summary><c>.</c>, <c>.a.b</c>, <c>$</c>, <c>$x.a</c>; an empty variable is the dot.</summary>
internal sealed record FieldOperand(string Variable, IReadOnlyList<string> Path) : Operand;

/// <summary><c>(pipeline).a.b</c>.</summary>
internal sealed record GroupOperand(Pipeline Pipeline, IReadOnlyList<string> Path) : Operand;
