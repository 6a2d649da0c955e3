using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Options;
using RabbitMQ.Client;

namespace BookSaga.Hosting.Events.Broker;

/// <summary>
/// Opens connections to the broker. What is published has one of its own: a broker that is short of memory or disk stops reading from
/// publishers, and acknowledgements must get through. A lost connection is opened anew by whoever needs it, with its own pauses.
/// </summary>
internal sealed class BrokerConnections(IOptions<EventsOptions> options, ServiceName service) : IAsyncDisposable
{
    private static readonly TimeSpan CloseLimit = TimeSpan.FromSeconds(1); // one that is gone for good has nothing to say
    private static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(10);

    private readonly SemaphoreSlim _turn = new(1, 1);
    private IConnection? _publishing;

    /// <summary>A new connection, to any of the nodes.</summary>
    internal Task<IConnection> OpenAsync(string purpose, CancellationToken ct)
    {
        BrokerOptions settings = options.Value.RabbitMq;
        string[] user = settings.Nodes[0].UserInfo.Split(':', 2);
        var factory = new ConnectionFactory
        {
            UserName = Uri.UnescapeDataString(user[0]),
            Password = Uri.UnescapeDataString(user[1]),
            VirtualHost = settings.Nodes[0].AbsolutePath is { Length: > 1 } path ? Uri.UnescapeDataString(path[1..]) : "/",
            AutomaticRecoveryEnabled = false, // it would bring back channels whose unconfirmed events nobody counts any more
            RequestedHeartbeat = Heartbeat,
            RequestedConnectionTimeout = settings.Timeout,
            HandshakeContinuationTimeout = settings.Timeout,
            ContinuationTimeout = settings.Timeout,
        };
        return factory.CreateConnectionAsync(settings.Nodes.Select(node => new AmqpTcpEndpoint(node.Host, node.Port, Tls(node, settings))), $"booksaga {service.Name} {purpose}", ct);
    }

    /// <summary>The one for publishing.</summary>
    internal async Task<IConnection> PublishingAsync(CancellationToken ct)
    {
        await _turn.WaitAsync(ct);
        try
        {
            if (_publishing is { IsOpen: true } open)
            {
                return open;
            }
            if (_publishing is not null)
            {
                await CloseAsync(_publishing);
            }
            return _publishing = await OpenAsync("publishes", ct);
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Closes <paramref name="connection"/>, at most one second long.</summary>
    internal static async Task CloseAsync(IConnection connection)
    {
        await connection.AbortAsync(CloseLimit);
        await connection.DisposeAsync();
    }

    /// <summary>The sentence that says most.</summary>
    internal static string Reason(Exception e) => e.InnerException is null ? e.Message : Reason(e is AggregateException many ? many.InnerExceptions[0] : e.InnerException);

    public async ValueTask DisposeAsync()
    {
        if (_publishing is not null)
        {
            await CloseAsync(_publishing);
        }
        _turn.Dispose();
    }

    // The library's own reading of an amqps address takes a certificate of any name.
    private static SslOption Tls(Uri node, BrokerOptions settings)
    {
        var tls = new SslOption { Enabled = node.Scheme == "amqps", ServerName = node.Host };
        if (tls.Enabled && settings.CaFile.Length > 0)
        {
            var authorities = new X509Certificate2Collection();
            authorities.ImportFromPemFile(settings.CaFile);
            tls.CertificateValidationCallback = (_, certificate, _, errors) =>
                (errors & ~SslPolicyErrors.RemoteCertificateChainErrors) == SslPolicyErrors.None && certificate is X509Certificate2 known && IsSignedBy(authorities, known);
        }
        return tls;
    }

    private static bool IsSignedBy(X509Certificate2Collection authorities, X509Certificate2 certificate)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(authorities);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck; // a house's own authority rarely publishes a list
        return chain.Build(certificate);
    }
}
