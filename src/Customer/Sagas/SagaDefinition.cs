namespace BookSaga.Customer.Sagas;

/// <summary>A saga as a table: its steps in order, each with what does it, what undoes it, and what forbids it.</summary>
/// <param name="Name">The goal, as logs and metrics name it.</param>
/// <param name="Steps">In the order in which they are done.</param>
internal sealed record SagaDefinition<TCommand>(string Name, params Step<TCommand>[] Steps)
    where TCommand : struct, Enum
{
    /// <summary>What success is called in metrics and traces.</summary>
    internal string Succeeded { get; init; } = "done";

    /// <summary>What failure is called there.</summary>
    internal string Failed { get; init; } = "failed";

    /// <summary>Whether its first drive is the root of the trace; else it adds to the trace that another saga of the same id began.</summary>
    internal bool BeginsTrace { get; init; }
}

/// <summary>A line of the table.</summary>
/// <param name="Do">The command that does the step.</param>
/// <param name="Undo">The command that undoes it, sent in reverse order when a later step is refused.</param>
/// <param name="Abort">
/// The command that takes the place of <paramref name="Do"/> after the deadline: it is answered done when the step had been done
/// already (and the saga goes on), refused when now it never will be.
/// </param>
/// <param name="Pivot">Once this step is done nothing is undone any more.</param>
internal sealed record Step<TCommand>(TCommand Do, TCommand? Undo = null, TCommand? Abort = null, bool Pivot = false)
    where TCommand : struct, Enum;

/// <summary>What a participant answered. An answer that did not come is no outcome: the same command is sent again.</summary>
/// <param name="Done">Whether the step is done; else it is refused, durably.</param>
/// <param name="Reason">Why it was refused: a stable code.</param>
internal readonly record struct Outcome(bool Done, string? Reason = null)
{
    internal static Outcome Success { get; } = new(true);

    internal static Outcome Refused(string reason) => new(false, reason);
}

/// <summary>What to do next: send <see cref="Command"/>, or, when there is none, finish.</summary>
/// <param name="Command">The command to send.</param>
/// <param name="FailedReason">With no command: null for success, else why the saga failed.</param>
internal readonly record struct Decision<TCommand>(TCommand? Command, string? FailedReason)
    where TCommand : struct, Enum;

/// <summary>How a saga ended.</summary>
/// <param name="FailedReason">Null for success, else the stable code of why it failed.</param>
internal sealed record SagaEnd(string? FailedReason);
