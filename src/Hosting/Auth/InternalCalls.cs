using Grpc.Core;
using Grpc.Net.Client;
using Grpc.Net.Client.Balancer;
using Grpc.Net.Client.Configuration;
using Grpc.Net.ClientFactory;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace BookSaga.Hosting.Auth;

/// <summary>
/// Calls to other services: gRPC at <c>Services:{name}</c>, with this service's own token. Several addresses, separated by commas, are replicas that take turns;
/// so are all addresses that the name in <c>dns:///name:port</c> has, as a headless service of Kubernetes does.
/// </summary>
public static class InternalCalls
{
    // A replica that has gone is tried again this often; by default grpc's pause grows to two minutes.
    private static readonly TimeSpan FirstReconnectPause = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan LongestReconnectPause = TimeSpan.FromSeconds(2);

    // A name is asked for again when a connection has gone, and this often, so that a new replica gets its share.
    private static readonly TimeSpan LongestUnseen = TimeSpan.FromSeconds(10);

    // A replica that is starting or ending refuses; the next one is asked at once. Every internal call may be repeated.
    private static MethodConfig TheNextOne => new()
    {
        Names = { MethodName.Default },
        RetryPolicy = new RetryPolicy
        {
            MaxAttempts = 3,
            InitialBackoff = TimeSpan.FromMilliseconds(20),
            MaxBackoff = TimeSpan.FromMilliseconds(100),
            BackoffMultiplier = 2,
            RetryableStatusCodes = { StatusCode.Unavailable },
        },
    };

    /// <summary>Registers <typeparamref name="TClient"/> for the service <paramref name="name"/>.</summary>
    /// <exception cref="InvalidOperationException">The setting <c>Services:{name}</c> is missing.</exception>
    public static void AddServiceClient<TClient>(this WebApplicationBuilder builder, string name)
        where TClient : ClientBase => builder.Services.AddGrpcClient<TClient>().Connect(AddressesOf(builder, name));

    /// <summary>Registers <typeparamref name="TClient"/> for several services; <see cref="ClientOf{TClient}"/> makes each.</summary>
    /// <exception cref="InvalidOperationException">A setting <c>Services:{name}</c> is missing.</exception>
    public static void AddServiceClients<TClient>(this WebApplicationBuilder builder, params ReadOnlySpan<string> names)
        where TClient : ClientBase
    {
        foreach (string name in names)
        {
            builder.Services.AddGrpcClient<TClient>(ClientName<TClient>(name)).Connect(AddressesOf(builder, name));
        }
    }

    /// <summary>The client for the service <paramref name="name"/>, of those that <see cref="AddServiceClients{TClient}"/> registered.</summary>
    public static TClient ClientOf<TClient>(this GrpcClientFactory clients, string name)
        where TClient : ClientBase
    {
        ArgumentNullException.ThrowIfNull(clients);
        return clients.CreateClient<TClient>(ClientName<TClient>(name));
    }

    // Names are of the whole process.
    private static string ClientName<TClient>(string service) => $"{typeof(TClient).Name} of {service}";

    private static void Connect(this IHttpClientBuilder client, Uri[] replicas)
    {
        client.Services.Configure<GrpcClientFactoryOptions>(client.Name, options => options.Address = Target(replicas));
        client.ConfigureChannel(channel =>
            {
                channel.UnsafeUseInsecureChannelCallCredentials = true;
                channel.MaxReceiveMessageSize = ServiceHost.MaxInternalMessageBytes;
                Balance(channel, replicas);
            })
            .AddCallCredentials(static async (context, metadata, services) =>
                metadata.Add("Authorization", "Bearer " + await services.GetRequiredService<ServiceTokens>().GetAsync(context.CancellationToken)));
    }

    internal static Uri[] AddressesOf(WebApplicationBuilder builder, string name) =>
        builder.Configuration["Services:" + name] is { } list
            ? [.. list.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(address => new Uri(address))]
            : throw new InvalidOperationException($"The setting Services:{name} (the address of the {name} service) is missing.");

    /// <summary>What a channel to <paramref name="replicas"/> is opened for.</summary>
    internal static Uri Target(Uri[] replicas) => replicas.Length == 1 ? replicas[0] : new Uri("static:///replicas");

    /// <summary>Lets calls take turns between <paramref name="replicas"/>, passing over those that do not connect; nothing for a lone address.</summary>
    internal static void Balance(GrpcChannelOptions channel, Uri[] replicas)
    {
        if (replicas is [{ Scheme: not "dns" }])
        {
            return;
        }
        channel.Credentials = ChannelCredentials.Insecure;
        channel.InitialReconnectBackoff = FirstReconnectPause;
        channel.MaxReconnectBackoff = LongestReconnectPause;
        channel.ServiceConfig = new ServiceConfig { LoadBalancingConfigs = { new RoundRobinConfig() }, MethodConfigs = { TheNextOne } };
        channel.ServiceProvider = new ServiceCollection()
            .AddSingleton<ResolverFactory>(replicas.Length == 1
                ? new DnsResolverFactory(LongestUnseen)
                : new StaticResolverFactory(_ => replicas.Select(replica => new BalancerAddress(replica.Host, replica.Port))))
            .BuildServiceProvider();
    }
}
