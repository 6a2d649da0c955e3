namespace BookSaga.Customer.Sagas;

/// <summary>The durable rows of one kind of saga.</summary>
internal interface ISagaRows<TState>
    where TState : SagaState
{
    /// <summary>Takes sagas whose lease has ended: epoch + 1, a new lease; rows that others hold are skipped.</summary>
    Task<List<TState>> ClaimDueAsync(int limit, CancellationToken ct);

    /// <summary>How long until the first lease ends; null while no saga is live.</summary>
    Task<TimeSpan?> UntilDueAsync(CancellationToken ct);

    /// <summary>Records the end with its event in one commit; false when the epoch has passed and another driver owns the saga.</summary>
    Task<bool> FinishAsync(TState saga, SagaEnd end);

    /// <summary>Notes why a drive gave up, for operators.</summary>
    /// <param name="saga">The saga of this drive.</param>
    /// <param name="step">The command that got no outcome; null when the end could not be recorded.</param>
    /// <param name="error">Why.</param>
    Task RecordErrorAsync(TState saga, string? step, string error);
}
