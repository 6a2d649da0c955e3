using BookSaga.Launcher.RabbitMq;

namespace BookSaga.Launcher;

/// <summary>Where everything listens on this machine. Only the gateway's port is chosen by people.</summary>
/// <param name="PublicUrl">The first gateway, as browsers reach it.</param>
/// <param name="Postgres">PostgreSQL's own protocol.</param>
/// <param name="Smtp">The mail catcher's SMTP.</param>
/// <param name="MailWeb">The mail catcher's page.</param>
/// <param name="Services">By the replica's name.</param>
internal sealed record Ports(string PublicUrl, int Postgres, int Smtp, int MailWeb, IReadOnlyDictionary<string, ServicePorts> Services)
{
    /// <summary>The broker's, where there is one.</summary>
    internal required BrokerPorts Broker { get; init; }

    /// <summary>How many processes each service has.</summary>
    internal int Replicas => Services.Count / ServiceTable.All.Count;

    private const int MostReplicas = 3; // each may take 12 connections to each of seven databases, and the private server has 260

    /// <summary>The gateway at <paramref name="gateway"/> (null: any), all others where they were in <paramref name="before"/> if that is still free, else anywhere free.</summary>
    internal static Ports Choose(int? gateway, PlatformState? before, int replicas = 1)
    {
        var taken = new HashSet<int>();
        if (gateway is { } fixedPort)
        {
            taken.Add(fixedPort);
        }
        var services = new Dictionary<string, ServicePorts>();
        foreach (Replica replica in ServiceTable.Replicas(replicas))
        {
            ProcessState? last = before?.Process(replica.Name);
            bool isPublic = replica.Service.Name == ServiceTable.Gateway;
            services[replica.Name] = new(
                replica.Name == ServiceTable.Gateway && gateway is { } port ? port : FreePort.Take(taken, last?.Port),
                replica.Service.Grpc ? FreePort.Take(taken, last?.GrpcPort) : null,
                isPublic ? FreePort.Take(taken, last?.MetricsPort) : null);
        }
        string url = FormattableString.Invariant($"http://localhost:{services[ServiceTable.Gateway].Http}");
        return new Ports(
            url,
            FreePort.Take(taken, before?.Process("postgres")?.Port),
            FreePort.Take(taken, before?.Process("mail")?.Port),
            FreePort.Take(taken, before?.Mail.Web is { } web ? new Uri(web).Port : null),
            services)
        {
            Broker = new(FreePort.Take(taken, before?.Process(PlatformState.RabbitMq)?.Port), FreePort.Take(taken), FreePort.Take(taken, before?.Process(PlatformState.Epmd)?.Port)),
        };
    }

    /// <summary>Where the process <paramref name="name"/> listens.</summary>
    internal ServicePorts Of(string name) => name switch
    {
        PlatformState.Postgres => new(Postgres, null),
        PlatformState.MailCatcher => new(Smtp, null),
        PlatformState.RabbitMq => new(Broker.Amqp, null),
        PlatformState.Epmd => new(Broker.Names, null),
        _ => Services[name],
    };

    /// <summary>How many processes each service has: <c>REPLICAS</c>, else <paramref name="usual"/>.</summary>
    /// <exception cref="Failure">It is no number from 1 to 3.</exception>
    internal static int ReplicasFromEnvironment(int usual) => Environment.GetEnvironmentVariable("REPLICAS") switch
    {
        null or "" => usual,
        { } text when int.TryParse(text, out int replicas) && replicas is >= 1 and <= MostReplicas => replicas,
        { } text => throw new Failure($"REPLICAS={text} is not a number from 1 to {MostReplicas}."),
    };

    /// <summary>The gateway's port: <c>PORT</c>, else 8080.</summary>
    /// <exception cref="Failure">It is no port, or somebody else has it.</exception>
    internal static int GatewayFromEnvironment()
    {
        string? text = Environment.GetEnvironmentVariable("PORT");
        int port = 8080;
        if (!string.IsNullOrEmpty(text) && (!int.TryParse(text, out port) || port is < 1 or > 65535))
        {
            throw new Failure($"PORT={text} is not a port; choose one from 1024 to 65535, for example: make up PORT=8081.");
        }
        if (!FreePort.IsFree(port))
        {
            throw new Failure($"Port {port} is not free: another program listens there; choose another port, for example: make up PORT={(port < 65535 ? port + 1 : 8080)}.");
        }
        return port;
    }
}
