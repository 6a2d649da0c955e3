using System.Threading.Channels;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace BookSaga.Hosting.Events.Broker;

/// <summary>Reads one queue in batches: what has arrived while the last batch was worked on is the next one, in the queue's order.</summary>
internal static class QueueReader
{
    /// <summary>Gives <paramref name="take"/> batches, one after the other, until the channel is gone. It acknowledges what it is done with.</summary>
    /// <exception cref="IOException">The channel is gone; what was not acknowledged is delivered again, to whoever reads then.</exception>
    internal static async Task RunAsync(
        IConnection connection, string queue, int prefetch, Func<IChannel, IReadOnlyList<Delivery>, CancellationToken, Task> take, CancellationToken ct)
    {
        IChannel channel = await connection.CreateChannelAsync(cancellationToken: ct);
        await channel.BasicQosAsync(0, (ushort)prefetch, global: false, ct);
        var buffer = new Buffer(channel);
        await channel.BasicConsumeAsync(queue, autoAck: false, buffer, ct);
        while (await buffer.Arrived.WaitToReadAsync(ct) && channel.IsOpen)
        {
            var batch = new List<Delivery>();
            while (batch.Count < prefetch && buffer.Arrived.TryRead(out Delivery? delivery))
            {
                batch.Add(delivery);
            }
            await take(channel, batch, ct);
        }
        throw new IOException($"{queue}: {channel.CloseReason?.ReplyText ?? "the queue was deleted"}");
    }

    // Never holds more than the prefetch: the broker sends nothing beyond it.
    private sealed class Buffer(IChannel channel) : AsyncDefaultBasicConsumer(channel)
    {
        private readonly Channel<Delivery> _arrived = System.Threading.Channels.Channel.CreateUnbounded<Delivery>(new() { SingleReader = true });

        internal ChannelReader<Delivery> Arrived => _arrived.Reader;

        public override Task HandleBasicDeliverAsync(
            string consumerTag, ulong deliveryTag, bool redelivered, string exchange, string routingKey, IReadOnlyBasicProperties properties, ReadOnlyMemory<byte> body,
            CancellationToken cancellationToken = default)
        {
            _arrived.Writer.TryWrite(Delivery.Of(deliveryTag, properties, body.ToArray())); // the library takes the body's memory back
            return Task.CompletedTask;
        }

        public override Task HandleChannelShutdownAsync(object channel, ShutdownEventArgs reason)
        {
            _arrived.Writer.TryComplete();
            return base.HandleChannelShutdownAsync(channel, reason);
        }

        protected override Task OnCancelAsync(string[] consumerTags, CancellationToken cancellationToken = default)
        {
            _arrived.Writer.TryComplete();
            return base.OnCancelAsync(consumerTags, cancellationToken);
        }
    }
}
