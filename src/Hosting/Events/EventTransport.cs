using BookSaga.Contracts.Events;
using BookSaga.Hosting.Auth;
using Grpc.Core;
using Grpc.Net.Client;

namespace BookSaga.Hosting.Events;

/// <summary>How a batch of events reaches its destination.</summary>
public abstract class EventTransport
{
    /// <summary>Delivers <paramref name="batch"/>; element i of the answer is empty when event i is stored there, else why it is not.</summary>
    /// <exception cref="RpcException">Nothing is known: deliver all again.</exception>
    public abstract Task<IReadOnlyList<string>> DeliverAsync(EventBatch batch, CancellationToken ct);
}

/// <summary>Straight to the subscriber's internal port, or to those of its replicas in turn.</summary>
internal sealed class DirectTransport(Uri[] replicas, ServiceTokens tokens) : EventTransport, IDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(10);
    private readonly GrpcChannel _channel = Open(replicas);

    public override async Task<IReadOnlyList<string>> DeliverAsync(EventBatch batch, CancellationToken ct)
    {
        var headers = new Metadata { { "Authorization", "Bearer " + await tokens.GetAsync(ct) } };
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(ct);
        timeout.CancelAfter(Deadline);
        Acknowledgements answer = await new EventSink.EventSinkClient(_channel).DeliverAsync(batch, headers, cancellationToken: timeout.Token);
        return answer.Errors;
    }

    public void Dispose() => _channel.Dispose();

    private static GrpcChannel Open(Uri[] replicas)
    {
        var options = new GrpcChannelOptions();
        InternalCalls.Balance(options, replicas);
        return GrpcChannel.ForAddress(InternalCalls.Target(replicas), options);
    }
}
