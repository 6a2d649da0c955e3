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
    /// <summary>Commands or events. The participants take both at any time, so it may be changed while sagas are live.</summary>
    public SagaMode Mode { get; set; }

    /// <summary>
    /// How long a driver has a saga to itself. After a crash the saga is taken over when this has passed, so with the sweep it
    /// bounds recovery; it must be longer than the slowest healthy run.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00.2", "00:01:00")]
    public TimeSpan Lease { get; set; } = TimeSpan.FromSeconds(3);

    /// <summary>How often each replica looks for sagas whose lease has ended.</summary>
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

    /// <summary>Sagas that one replica's sweep drives at once.</summary>
    [Range(1, 10_000)]
    public int SweepConcurrency { get; set; } = 256;
}
