using System.Diagnostics;

namespace BookSaga.Customer.Sagas;

/// <summary>The kernel's rule, pure: from what is known to what is next. A re-drive starts with nothing known and gets recorded outcomes.</summary>
internal static class SagaMachine
{
    /// <summary>The next command, or the end.</summary>
    /// <param name="definition">The table.</param>
    /// <param name="known">The outcomes that this drive has got, by command.</param>
    /// <param name="pastDeadline">Whether steps that can be aborted are to be aborted instead of done.</param>
    internal static Decision<TCommand> Next<TCommand>(SagaDefinition<TCommand> definition, IReadOnlyDictionary<TCommand, Outcome> known, bool pastDeadline)
        where TCommand : struct, Enum
    {
        for (int i = 0; i < definition.Steps.Length; i++)
        {
            Step<TCommand> step = definition.Steps[i];
            Outcome? outcome = Known(known, step.Do) ?? Known(known, step.Abort);
            if (outcome is null)
            {
                return new(pastDeadline && step.Abort is { } abort ? abort : step.Do, null);
            }
            if (!outcome.Value.Done)
            {
                return Undo(definition, i, known, outcome.Value.Reason ?? throw new UnreachableException("a refusal has a reason"));
            }
        }
        return new(null, null);
    }

    // The steps before the refused one were done; their compensations cannot be refused.
    private static Decision<TCommand> Undo<TCommand>(SagaDefinition<TCommand> definition, int refused, IReadOnlyDictionary<TCommand, Outcome> known, string reason)
        where TCommand : struct, Enum
    {
        for (int i = refused - 1; i >= 0; i--)
        {
            if (definition.Steps[i].Pivot)
            {
                throw new UnreachableException($"{definition.Name}: a step after the pivot was refused");
            }
            if (definition.Steps[i].Undo is { } undo)
            {
                if (Known(known, undo) is not { } outcome)
                {
                    return new(undo, null);
                }
                if (!outcome.Done)
                {
                    throw new UnreachableException($"{definition.Name}: {undo} was refused: {outcome.Reason}");
                }
            }
        }
        return new(null, reason);
    }

    private static Outcome? Known<TCommand>(IReadOnlyDictionary<TCommand, Outcome> known, TCommand? command)
        where TCommand : struct, Enum => command is { } c && known.TryGetValue(c, out Outcome outcome) ? outcome : null;
}
