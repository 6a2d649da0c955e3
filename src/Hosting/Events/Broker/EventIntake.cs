using BookSaga.Hosting.Data;
using Grpc.Core;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;
using RabbitMQ.Client;

namespace BookSaga.Hosting.Events.Broker;

/// <summary>
/// Takes events off this service's queue. Each is acknowledged when its consumer has committed. One that is refused makes way: it comes
/// back after a pause, and after <see cref="OutboxQueues.DeadAfter"/> refusals it is a dead letter. While something is away that will
/// come back (the database), nothing is refused and nothing new is taken.
/// </summary>
internal sealed partial class EventIntake(
    ServiceName service, EventDispatch dispatch, NpgsqlDataSource db, BrokerConnections connections, IOptions<EventsOptions> options, TimeProvider time,
    ILogger<EventIntake> logger) : IDisposable
{
    // About six seconds. What has not passed by then though the database answers is the event's own.
    private const int RoundsToPass = 5;

    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(2);
    private readonly BrokerPublisher _publisher = new(connections, options, service.Name);

    internal BrokerQueues Queues => _publisher.Queues;

    /// <summary>Works on <paramref name="batch"/> until all of it is acknowledged, or the channel is gone.</summary>
    internal async Task TakeAsync(IChannel channel, IReadOnlyList<Delivery> batch, CancellationToken ct)
    {
        TimeSpan pause = FirstPause;
        IReadOnlyList<Delivery> waiting = batch;
        for (int round = 0; waiting.Count > 0 && channel.IsOpen; round++)
        {
            // At once, so that a consumer can gather them into one commit. None relies on the order of events.
            Result[] results = await Task.WhenAll(waiting.Select(delivery => TryAsync(delivery, ct)));
            if (round >= RoundsToPass && Array.Exists(results, r => r.Waits is not null) && await AnswersAsync(ct))
            {
                results = [.. results.Select(r => r.Waits is null ? r : new Result(r.Delivery, r.Waits))];
            }
            results = [.. await PutOffAsync(results, ct)];
            foreach (Result done in results.Where(r => r.Waits is null))
            {
                await channel.BasicAckAsync(done.Delivery.Tag, multiple: false, ct);
            }
            waiting = [.. results.Where(r => r.Waits is not null).Select(r => r.Delivery)];
            if (waiting.Count > 0)
            {
                LogWaiting(waiting.Count, results.First(r => r.Waits is not null).Waits!);
                await Task.Delay(pause, time, ct);
                pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
            }
        }
    }

    public void Dispose() => _publisher.Dispose();

    private async Task<Result> TryAsync(Delivery delivery, CancellationToken ct)
    {
        try
        {
            return new(delivery, await dispatch.StoreAsync(delivery.ToEvent(), ct));
        }
        // What passes is told from a refusal by the exception itself; a stop is one as well.
        catch (Exception e) when (!ct.IsCancellationRequested)
        {
            return new(delivery, "", Waits: BrokerConnections.Reason(e));
        }
    }

    // The copy is confirmed before the original is acknowledged: a crash in between leaves both, and a repeat changes nothing.
    private async Task<IEnumerable<Result>> PutOffAsync(Result[] results, CancellationToken ct)
    {
        Result[] refused = [.. results.Where(r => r.Error.Length > 0)];
        if (refused.Length == 0)
        {
            return results;
        }
        try
        {
            await _publisher.PublishAsync([.. refused.Select(CopyOf)], ct);
            return results;
        }
        catch (RpcException e)
        {
            return results.Select(r => r.Error.Length > 0 ? r with { Waits = e.Status.Detail } : r);
        }
    }

    private async Task<bool> AnswersAsync(CancellationToken ct)
    {
        try
        {
            await db.ExecuteAsync("SELECT 1", ct);
            return true;
        }
        catch (Exception e) when (PassingFailure.Is(e))
        {
            return false;
        }
    }

    private BrokerMessage CopyOf(Result refused)
    {
        int attempts = refused.Delivery.Attempts + 1;
        bool dead = attempts >= OutboxQueues.DeadAfter;
        LogRefused(refused.Delivery.Type, refused.Delivery.Id, attempts, refused.Error);
        return BrokerMessage.Refused(dead ? Queues.Dead : Queues.Retry, refused.Delivery, attempts, refused.Error, dead ? null : options.Value.RabbitMq.RetryDelay);
    }

    // Error: why it was refused, or nothing. Waits: what has to come back before more can be said.
    private sealed record Result(Delivery Delivery, string Error, string? Waits = null);

    [LoggerMessage(1, LogLevel.Warning, "{Count} events wait: {Reason}")]
    private partial void LogWaiting(int count, string reason);

    [LoggerMessage(2, LogLevel.Error, "Event {Type} {EventId} was refused (attempt {Attempts}): {Reason}")]
    private partial void LogRefused(string type, string eventId, int attempts, string reason);
}
