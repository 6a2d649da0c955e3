using System.ComponentModel.DataAnnotations;

namespace BookSaga.Company.Offers.Weekly;

/// <summary>Settings <c>Weekly:*</c>.</summary>
internal sealed class WeeklyOptions
{
    /// <summary>How long a client is kept waiting for all offers before the answer is 202; below the gateway's <c>TimeLimit:Saga</c>.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:00:14")]
    public TimeSpan WaitLimit { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a driver has a batch to itself after each step; after a crash another takes it up when this has passed.</summary>
    [Range(typeof(TimeSpan), "00:00:00.2", "00:10:00")]
    public TimeSpan Lease { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How often each replica looks for batches that nobody drives.</summary>
    [Range(typeof(TimeSpan), "00:00:00.05", "00:10:00")]
    public TimeSpan SweepInterval { get; set; } = TimeSpan.FromSeconds(2);
}
