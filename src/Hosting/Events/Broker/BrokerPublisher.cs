using Grpc.Core;
using Microsoft.Extensions.Options;
using RabbitMQ.Client;

namespace BookSaga.Hosting.Events.Broker;

/// <summary>Publishes to the queues of one service, and returns when the broker has confirmed all: on disk, on most of its nodes.</summary>
internal sealed class BrokerPublisher(BrokerConnections connections, IOptions<EventsOptions> options, string service) : IDisposable
{
    private readonly SemaphoreSlim _turn = new(1, 1);
    private IChannel? _channel;

    /// <summary>The queues of the service.</summary>
    internal BrokerQueues Queues => BrokerQueues.Of(options.Value.RabbitMq.Prefix, service);

    /// <exception cref="RpcException">Not all were confirmed, in time: publish all again.</exception>
    internal async Task PublishAsync(IReadOnlyList<BrokerMessage> messages, CancellationToken ct)
    {
        TimeSpan timeout = options.Value.RabbitMq.Timeout;
        await _turn.WaitAsync(ct);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
        limit.CancelAfter(timeout);
        IConnection? connection = null;
        try
        {
            connection = await connections.PublishingAsync(limit.Token);
            IChannel channel = _channel is { IsOpen: true } open ? open : _channel = await OpenAsync(connection, limit.Token);
            // Mandatory: a queue that is not there any more gives the event back instead of losing it. Started one after the other, so that they arrive in this order.
            Task[] confirmed = [.. messages.Select(m => channel.BasicPublishAsync("", m.Queue, mandatory: true, m.Properties, m.Body, limit.Token).AsTask())];
            await Task.WhenAll(confirmed);
        }
        catch (Exception e) when (!ct.IsCancellationRequested)
        {
            // What is still unconfirmed on it can't be told from what comes next.
            if (connection is not null)
            {
                await BrokerConnections.CloseAsync(connection);
            }
            string reason = limit.IsCancellationRequested ? $"no confirmation within {timeout}" : BrokerConnections.Reason(e);
            throw new RpcException(new Status(StatusCode.Unavailable, $"broker: {reason}", e));
        }
        finally
        {
            _turn.Release();
        }
    }

    public void Dispose() => _turn.Dispose();

    private async Task<IChannel> OpenAsync(IConnection connection, CancellationToken ct)
    {
        // Without a limit of its own: callers bound what is under way by the size of their batches.
        IChannel channel = await connection.CreateChannelAsync(
            new CreateChannelOptions(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true, outstandingPublisherConfirmationsRateLimiter: null), ct);
        await Queues.DeclareAsync(channel, ct);
        return channel;
    }
}
