using System.ComponentModel.DataAnnotations;

namespace BookSaga.Customer.People;

/// <summary>Settings <c>Deletion:*</c>.</summary>
internal sealed class DeletionOptions
{
    /// <summary>How long a person is kept waiting before the answer is 202; below the gateway's <c>TimeLimit:Saga</c>.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:00:15")]
    public TimeSpan WaitLimit { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a process has a deletion to itself; after a crash another takes it up when this has passed. Longer than a healthy run.</summary>
    [Range(typeof(TimeSpan), "00:00:00.2", "00:10:00")]
    public TimeSpan Lease { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>How often each replica looks for deletions that nobody drives.</summary>
    [Range(typeof(TimeSpan), "00:00:00.05", "00:10:00")]
    public TimeSpan SweepInterval { get; set; } = TimeSpan.FromSeconds(5);
}
