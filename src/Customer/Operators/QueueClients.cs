using BookSaga.Contracts.Queues;
using BookSaga.Hosting.Auth;
using Grpc.Core;
using Grpc.Net.ClientFactory;

namespace BookSaga.Customer.Operators;

/// <summary>Asks every service for its queues; one that does not answer within two seconds spoils nothing.</summary>
internal sealed class QueueClients(GrpcClientFactory clients, TimeProvider time)
{
    /// <summary>Who has queues.</summary>
    internal static readonly string[] Services = ["company", "booking", "customer", "payment", "notification"];

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    /// <summary>The answers by service; null: none came.</summary>
    internal async Task<(string Service, T? Answer)[]> AskAsync<T>(IEnumerable<string> services, Func<Queues.QueuesClient, CallOptions, AsyncUnaryCall<T>> ask, CancellationToken ct)
        where T : class => await Task.WhenAll(services.Select(async service =>
        {
            try
            {
                return (service, await ask(clients.ClientOf<Queues.QueuesClient>(service), new CallOptions(deadline: (time.GetUtcNow() + Patience).UtcDateTime, cancellationToken: ct)));
            }
            catch (RpcException) when (!ct.IsCancellationRequested)
            {
                return (service, (T?)null);
            }
        }));
}
