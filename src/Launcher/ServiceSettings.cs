using System.Globalization;
using BookSaga.Launcher.Postgres;

namespace BookSaga.Launcher;

/// <summary>The settings of every service on one machine, as environment variables. What the caller's environment holds besides reaches the services too.</summary>
/// <param name="PublicUrl">The gateway as browsers reach it; the issuer of tokens is under it.</param>
/// <param name="Ports">HTTP and gRPC port of every replica.</param>
/// <param name="Databases">Address of every database.</param>
/// <param name="Secrets">Client secrets.</param>
internal sealed record ServiceSettings(
    string PublicUrl, IReadOnlyDictionary<string, ServicePorts> Ports, IReadOnlyDictionary<string, PostgresUrl> Databases, Secrets Secrets)
{
    private const string RealmPath = "/realms/booksaga";

    /// <summary>The broker's address; null: events go straight to their consumers.</summary>
    internal string? Broker { get; init; }

    /// <summary>How long a process that was told to stop goes on serving.</summary>
    internal TimeSpan ShutdownDelay { get; init; }

    internal Dictionary<string, string> For(Replica replica, MailState? mail)
    {
        Service service = replica.Service;
        ServicePorts ports = Ports[replica.Name];
        var settings = new Dictionary<string, string>(SmallMachine)
        {
            ["Listen__Address"] = "127.0.0.1",
            ["Listen__HttpPort"] = Text(ports.Http),
            ["Auth__Issuer"] = PublicUrl + RealmPath,
            ["Auth__Authority"] = Address(Ports[new Replica(ServiceTable.Find(ServiceTable.Identity), replica.Number).Name].Http) + RealmPath,
            ["Auth__OtherAuthorities"] = string.Join(',', PortsOf(ServiceTable.Find(ServiceTable.Identity)).Where((_, i) => i + 1 != replica.Number).Select(p => Address(p.Http) + RealmPath)),
            ["Auth__Audience"] = "booksaga",
            ["Auth__ClientId"] = service.Name,
            ["Auth__ClientSecret"] = ClientSecret(service.Name),
            ["Auth__LoginClientId"] = "booksaga-api",
            ["Auth__LoginClientSecret"] = ClientSecret("api"),
        };
        if (ShutdownDelay > TimeSpan.Zero)
        {
            settings["Shutdown__Delay"] = ShutdownDelay.ToString("c", CultureInfo.InvariantCulture);
        }
        if (service.Hot)
        {
            // What a socket has brought is gone on with on the thread that saw it. Nothing in these services blocks a thread.
            settings["DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS"] = "1";
            // Four of these share the machine with PostgreSQL. More threads that look at sockets than processors for them find less each time they wake.
            settings["DOTNET_SYSTEM_NET_SOCKETS_THREAD_COUNT"] = Text(Math.Max(1, Environment.ProcessorCount / 4));
        }
        if (ports.Grpc is { } grpc)
        {
            settings["Listen__GrpcPort"] = Text(grpc);
        }
        if (ports.Metrics is { } metrics)
        {
            settings["Listen__MetricsPort"] = Text(metrics);
        }
        if (service.Database)
        {
            settings["Database__Url"] = Databases[service.Name].ToString();
        }
        foreach (Service other in ServiceTable.All)
        {
            ServicePorts[] replicas = [.. PortsOf(other)];
            settings[$"Backends__{other.Name}"] = string.Join(',', replicas.Select(p => Address(p.Http)));
            if (other.Grpc)
            {
                settings[$"Services__{other.Name}"] = string.Join(',', replicas.Select(p => Address(p.Grpc!.Value)));
            }
        }
        if (service.Name == ServiceTable.Identity)
        {
            AddRealm(settings);
        }
        if (service.Name == ServiceTable.Gateway)
        {
            settings["TrustedProxies"] = "127.0.0.0/8"; // the web, which asks for its visitors, and a web server of this machine in front of us
        }
        if (service.Name == ServiceTable.Web)
        {
            settings["DOTNET_GCgen0size"] = "4000000"; // 64 MB: fewer than one in a hundred pages waits for a collection
            settings["Auth__ClientId"] = "booksaga-web";
            settings["Web__PublicUrl"] = PublicUrl;
            settings["Web__ApiUrl"] = Address(Ports[new Replica(ServiceTable.Find(ServiceTable.Gateway), replica.Number).Name].Http);
        }
        if (service.Name == ServiceTable.Customer)
        {
            settings["Saga__Mode"] = SagaMode.FromEnvironment();
        }
        settings["Mail__PublicUrl"] = PublicUrl;
        if (Broker is not null)
        {
            settings["Events__Transport"] = Transport.RabbitMq;
            settings["Events__RabbitMq__Url"] = Broker;
        }
        AddMail(settings, mail);
        return settings;
    }

    internal static string Address(int port) => "http://127.0.0.1:" + Text(port);

    // Eight runtimes share one small machine: prefer memory over the last percent of speed, watch no files, let nobody spin for work that may come.
    private static Dictionary<string, string> SmallMachine => new()
    {
        ["DOTNET_gcServer"] = "0",
        ["DOTNET_GCConserveMemory"] = "5",
        ["DOTNET_GCgen0size"] = "2000000", // hexadecimal, 32 MB: what a batch makes is dead before it is collected
        ["DOTNET_ThreadPool_UnfairSemaphoreSpinLimit"] = "0",
        ["DOTNET_hostBuilder__reloadConfigOnChange"] = "false",
        ["DOTNET_CLI_TELEMETRY_OPTOUT"] = "1",
    };

    private void AddRealm(Dictionary<string, string> settings)
    {
        settings["Identity__RealmFile"] = Path.Combine(Workspace.Root, "deploy", "keycloak", "booksaga-realm.json");
        settings["Identity__OperatorEmail"] = DemoUsers.Operator;
        settings["Identity__OperatorPassword"] = Secrets["operator"];
        // The names that the realm file's placeholders have.
        foreach (string client in (string[])["api", "web", .. ServiceTable.All.Where(s => s.Grpc).Select(s => s.Name)])
        {
            settings[client.ToUpperInvariant() + "_CLIENT_SECRET"] = ClientSecret(client);
        }
    }

    private static void AddMail(Dictionary<string, string> settings, MailState? mail)
    {
        if (mail?.Smtp is { } smtp)
        {
            settings["Mail__Smtp"] = smtp;
        }
        if (mail?.Directory is { } directory)
        {
            settings["Mail__Directory"] = directory;
        }
    }

    private IEnumerable<ServicePorts> PortsOf(Service service) =>
        Enumerable.Range(1, Ports.Count).Select(n => new Replica(service, n).Name).TakeWhile(Ports.ContainsKey).Select(name => Ports[name]);

    private string ClientSecret(string client) => Secrets[client + "-client"];

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}

/// <summary>Where one service listens on 127.0.0.1.</summary>
/// <param name="Http">The public API, health and metrics.</param>
/// <param name="Grpc">Internal calls; null: none.</param>
/// <param name="Metrics">Metrics, where the HTTP port is public; null: they are there.</param>
internal sealed record ServicePorts(int Http, int? Grpc, int? Metrics = null);
