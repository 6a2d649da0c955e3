namespace BookSaga.Web.Pages.Operator;

/// <summary>A line of a booking's story, from whichever service recorded it.</summary>
/// <param name="At">When; null while it is still to come, or where it was not recorded.</param>
/// <param name="Source">The service, or the operator.</param>
/// <param name="Status"><c>done</c>, <c>refused</c>, <c>pending</c> or <c>note</c>.</param>
/// <param name="Title">What.</param>
/// <param name="Details">More about it.</param>
/// <param name="DurationMs">Milliseconds since the step before.</param>
/// <param name="Money">Where the money is after it; null where it says nothing about money.</param>
/// <param name="Link">Where more is to be seen.</param>
public sealed record StoryEntry(DateTimeOffset? At, string Source, string Status, string Title, IReadOnlyList<string> Details, double? DurationMs = null, string? Money = null, string? Link = null)
{
    /// <summary>Steps, mails and actions in one order: by time; what has none stays behind what it follows, and what is to come is last.</summary>
    internal static IReadOnlyList<StoryEntry> InOrder(IReadOnlyList<StoryEntry> steps, IEnumerable<StoryEntry> others)
    {
        var placed = new List<(DateTimeOffset At, StoryEntry Entry)>();
        DateTimeOffset last = DateTimeOffset.MinValue;
        foreach (StoryEntry step in steps)
        {
            last = step.Status == "pending" ? DateTimeOffset.MaxValue : step.At ?? last;
            placed.Add((last, step));
        }
        placed.AddRange(others.Select(o => (o.At ?? DateTimeOffset.MaxValue, o)));
        return [.. placed.OrderBy(p => p.At).Select(p => p.Entry)];
    }
}
