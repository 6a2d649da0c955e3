using System.Collections.Concurrent;
using System.Diagnostics;
using Grpc.Core;
using Npgsql;

namespace BookSaga.Customer.Sagas;

/// <summary>What every live saga carries, whatever its goal.</summary>
/// <param name="id">The saga's id, which is the booking's.</param>
/// <param name="epoch">The number of this drive; an older one can no longer finish the saga.</param>
/// <param name="deadline">When steps that can be aborted are aborted.</param>
internal abstract class SagaState(Guid id, int epoch, DateTimeOffset deadline)
{
    internal Guid Id { get; } = id;

    internal int Epoch { get; } = epoch;

    internal DateTimeOffset Deadline { get; } = deadline;

    /// <summary>When it began, as the database has it.</summary>
    internal DateTimeOffset? CreatedAt { get; init; }
}

/// <summary>What the sweeper needs of a kind of saga.</summary>
internal interface IRecoverable
{
    /// <summary>The drives that are under way in this process; a graceful stop waits for them.</summary>
    IEnumerable<Task> Driving { get; }

    /// <summary>Takes at most <paramref name="limit"/> sagas whose lease has ended and drives them; gives the drives.</summary>
    Task<IReadOnlyList<Task>> RecoverAsync(int limit, CancellationToken ct);

    /// <summary>How long until the first lease ends; null while no saga is live.</summary>
    Task<TimeSpan?> UntilDueAsync(CancellationToken ct);
}

/// <summary>
/// The kernel: drives sagas of one definition. It knows nothing of offers or money; a derived class sends the commands.
/// A drive belongs to nobody's request: who waits for it may go away.
/// </summary>
internal abstract partial class Saga<TState, TCommand>(ISagaRows<TState> rows, SagaOptions options, TimeProvider time, ILogger logger) : IRecoverable
    where TState : SagaState
    where TCommand : struct, Enum
{
    private static readonly Func<ILogger, Guid, IDisposable?> LogScope = LoggerMessage.DefineScope<Guid>("saga_id:{saga_id}");
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(50);
    private readonly ConcurrentDictionary<Guid, Task> _driving = new();

    protected abstract SagaDefinition<TCommand> Definition { get; }

    public IEnumerable<Task> Driving => _driving.Values;

    /// <summary>Drives the saga to its end, or until the lease is over; then the sweep takes it up again and the result is null.</summary>
    internal Task<SagaEnd?> DriveAsync(TState saga)
    {
        Task<SagaEnd?> drive = RunAsync(saga);
        _driving[saga.Id] = drive;
        _ = drive.ContinueWith(
            done => _driving.TryRemove(new KeyValuePair<Guid, Task>(saga.Id, done)),
            CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        return drive;
    }

    public async Task<IReadOnlyList<Task>> RecoverAsync(int limit, CancellationToken ct)
    {
        List<TState> due = await rows.ClaimDueAsync(limit, ct);
        return [.. due.Where(saga => IsForKernel(pastDeadline: time.GetUtcNow() >= saga.Deadline)).Select(DriveAsync)];
    }

    public Task<TimeSpan?> UntilDueAsync(CancellationToken ct) => rows.UntilDueAsync(ct);

    /// <summary>Whether a saga whose lease has ended is driven from here; otherwise it goes on by itself until its next lease ends.</summary>
    protected virtual bool IsForKernel(bool pastDeadline) => true;

    /// <summary>Sends one command and gives the participant's durable outcome.</summary>
    /// <exception cref="RpcException">The outcome is unknown.</exception>
    protected abstract Task<Outcome> SendAsync(TState saga, TCommand command);

    private async Task<SagaEnd?> RunAsync(TState saga)
    {
        using IDisposable? scope = LogScope(logger, saga.Id);
        using Activity? span = StartSpan(saga);
        long start = time.GetTimestamp();
        TimeSpan pause = FirstPause;
        var known = new Dictionary<TCommand, Outcome>();
        TCommand? asked = null;
        while (true)
        {
            try
            {
                Decision<TCommand> next = SagaMachine.Next(Definition, known, time.GetUtcNow() >= saga.Deadline);
                if (next.Command is not { } command)
                {
                    var end = new SagaEnd(next.FailedReason);
                    asked = null;
                    bool finished = await rows.FinishAsync(saga, end);
                    Observe(saga, end, finished, span);
                    return finished ? end : null;
                }
                asked = command;
                known[command] = await AskAsync(saga, command);
                pause = FirstPause;
            }
            // An unknown outcome is never a failure: ask again with the same id, and let the sweep go on when the lease is over.
            catch (Exception e) when (e is RpcException or NpgsqlException or TimeoutException or HttpRequestException or OperationCanceledException)
            {
                if (time.GetElapsedTime(start) + pause + options.CallTimeout >= options.Lease)
                {
                    await GiveUpAsync(saga, asked, e.Message, span);
                    return null;
                }
                SagaMetrics.Retried(Definition.Name, asked);
                await Task.Delay(pause, time);
                pause *= 2;
            }
            // Whatever else goes wrong is a defect: seen by operators, and tried again like everything.
            catch (Exception e)
            {
                LogBroken(e, Definition.Name);
                await GiveUpAsync(saga, asked, e.Message, span);
                return null;
            }
        }
    }

    private async Task GiveUpAsync(TState saga, TCommand? step, string error, Activity? span)
    {
        span?.SetStatus(ActivityStatusCode.Error, error);
        LogGaveUp(Definition.Name, saga.Epoch, error);
        // The epoch counts the drives, so this is told once.
        if (saga.Epoch == options.StuckAfterAttempts)
        {
            LogStuck(Definition.Name, $"{step}", error);
        }
        try
        {
            await rows.RecordErrorAsync(saga, step?.ToString(), error);
        }
        catch (Exception e)
        {
            LogGaveUp(Definition.Name, saga.Epoch, e.Message);
        }
    }

    [LoggerMessage(1, LogLevel.Warning, "{Saga} waits for the next drive (epoch {Epoch}): {Reason}")]
    private partial void LogGaveUp(string saga, int epoch, string reason);

    [LoggerMessage(3, LogLevel.Error, "{Saga} is stuck at {Step}: {Reason}")]
    private partial void LogStuck(string saga, string step, string reason);

    [LoggerMessage(2, LogLevel.Critical, "{Saga}: an unexpected failure")]
    private partial void LogBroken(Exception exception, string saga);
}
