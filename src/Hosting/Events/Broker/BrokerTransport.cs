using BookSaga.Contracts.Events;
using Microsoft.Extensions.Options;

namespace BookSaga.Hosting.Events.Broker;

/// <summary>
/// Through RabbitMQ. An event is delivered when the broker has confirmed it, so a destination that is away delays nobody; what it
/// refuses is its own affair (<see cref="EventIntake"/>).
/// </summary>
internal sealed class BrokerTransport(string destination, BrokerConnections connections, IOptions<EventsOptions> options) : EventTransport, IDisposable
{
    private readonly BrokerPublisher _publisher = new(connections, options, destination);

    public override async Task<IReadOnlyList<string>> DeliverAsync(EventBatch batch, CancellationToken ct)
    {
        string queue = _publisher.Queues.Main;
        await _publisher.PublishAsync([.. batch.Events.Select(sent => BrokerMessage.Of(queue, sent))], ct);
        return [.. batch.Events.Select(_ => "")];
    }

    public void Dispose() => _publisher.Dispose();
}
