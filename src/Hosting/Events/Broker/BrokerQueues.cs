using RabbitMQ.Client;

namespace BookSaga.Hosting.Events.Broker;

/// <summary>The three queues of a service: what is for it, what waits for another try, and what it could not take.</summary>
/// <param name="Main">What is for it, in the order in which the broker took it.</param>
/// <param name="Retry">Refused events; when their time is over the broker puts them at the end of <paramref name="Main"/>.</param>
/// <param name="Dead">Given up; the service moves them to its table <c>dead_letter</c>.</param>
internal sealed record BrokerQueues(string Main, string Retry, string Dead)
{
    // An event that the broker had to deliver so often, because each process that took it was gone before it answered, may be what ends them.
    private const int DeliveryLimit = 20;

    internal static BrokerQueues Of(string prefix, string service) => new($"{prefix}.{service}", $"{prefix}.{service}.retry", $"{prefix}.{service}.dead");

    /// <summary>Makes them where they are missing. All replicas of all who send to the service may do so at once.</summary>
    internal async Task DeclareAsync(IChannel channel, CancellationToken ct)
    {
        await DeclareAsync(channel, Dead, [], ct);
        await DeclareAsync(channel, Main, new(On(Dead)) { ["x-delivery-limit"] = DeliveryLimit }, ct);
        await DeclareAsync(channel, Retry, On(Main), ct);
    }

    // "At least once" keeps an event in its queue until the next one has it, and is to be had together with reject-publish only.
    private static Dictionary<string, object?> On(string next) => new()
    {
        ["x-dead-letter-exchange"] = "",
        ["x-dead-letter-routing-key"] = next,
        ["x-dead-letter-strategy"] = "at-least-once",
        ["x-overflow"] = "reject-publish",
    };

    private static Task<QueueDeclareOk> DeclareAsync(IChannel channel, string queue, Dictionary<string, object?> arguments, CancellationToken ct)
    {
        arguments["x-queue-type"] = "quorum";
        return channel.QueueDeclareAsync(queue, durable: true, exclusive: false, autoDelete: false, arguments, cancellationToken: ct);
    }
}
