using System.ComponentModel.DataAnnotations;

namespace BookSaga.Customer.Sagas;

/// <summary>How bookings are brought to their end.</summary>
internal enum SagaMode
{
    /// <summary>By commands from here to the participants.</summary>
    Orchestration,

    /// <summary>By events from one participant to the next.</summary>
    Choreography,
}

/// <summary>Settings <c>Saga:*</c>.</summary>
internal sealed class SagaOptions
{
    /// <summary>For a claim with <c>$2</c> lease and <c>$3</c> <see cref="StuckAfterAttempts"/>: the lease, doubled with every attempt of a stuck saga, at most a minute.</summary>
    internal const string PauseSql = "CASE WHEN attempts < $3 THEN $2 ELSE greatest($2, least($2 * 2 ^ least(attempts - $3 + 1, 10), interval '1 minute')) END";

    /// <summary>Commands or events. The participants take both at any time, so it may be changed while sagas are live.</summary>
    public SagaMode Mode { get; set; }

    /// <summary>
    /// How long a driver has a saga to itself. After a crash the saga is taken over when this has passed, so with the sweep it
    /// bounds recovery; it must be longer than the slowest healthy run.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00.2", "00:01:00")]
    public TimeSpan Lease { get; set; } = TimeSpan.FromSeconds(3);

    /// <summary>The shortest pause between two looks of a replica for sagas whose lease has ended; the longest is the lease.</summary>
    [Range(typeof(TimeSpan), "00:00:00.05", "00:00:10")]
    public TimeSpan SweepInterval { get; set; } = TimeSpan.FromMilliseconds(500);

    /// <summary>After this age a payment that has not happened is forbidden instead of tried again.</summary>
    [Range(typeof(TimeSpan), "00:00:00.5", "01:00:00")]
    public TimeSpan Deadline { get; set; } = TimeSpan.FromSeconds(8);

    /// <summary>How long a client is kept waiting before the answer is 202.</summary>
    [Range(typeof(TimeSpan), "00:00:00.5", "00:01:00")]
    public TimeSpan WaitLimit { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How long one call to a participant may take; no answer by then is an unknown outcome.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:00:30")]
    public TimeSpan CallTimeout { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>A live saga that was driven so often is stuck: told to operators, and driven at growing pauses up to a minute.</summary>
    [Range(2, 1000)]
    public int StuckAfterAttempts { get; set; } = 10;

    /// <summary>A live saga of this age is stuck.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")]
    public TimeSpan StuckAfter { get; set; } = TimeSpan.FromMinutes(2);

    /// <summary>Sagas that one replica's sweep drives at once.</summary>
    [Range(1, 10_000)]
    public int SweepConcurrency { get; set; } = 256;

    /// <summary>Batches of all steps together that are under way at once; what waits meanwhile fills the next ones (docs/performance.md).</summary>
    [Range(1, 100)]
    public int BatchesAtOnce { get; set; } = 2;
}
