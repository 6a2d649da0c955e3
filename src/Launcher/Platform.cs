using System.Collections.Concurrent;
using BookSaga.Launcher.Postgres;
using BookSaga.Launcher.Processes;
using BookSaga.Launcher.RabbitMq;

namespace BookSaga.Launcher;

/// <summary>All processes of one platform: PostgreSQL, the broker, the services, the mail catcher; started in parallel, watched, stopped in order.</summary>
internal sealed class Platform
{
    private static readonly TimeSpan ServiceGrace = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan PostgresGrace = TimeSpan.FromSeconds(60);

    private readonly Workspace _workspace;
    private readonly Ports _ports;
    private readonly bool _durable;
    private readonly Action<string> _say;
    private readonly ConcurrentDictionary<string, Child> _children = new();
    private readonly Lock _writing = new();
    private readonly CancellationTokenSource _stopping = new();
    private Task<MailState> _mail = Task.FromResult(new MailState());
    private PlatformState _state;

    /// <summary>Nothing is started yet.</summary>
    /// <param name="workspace">Whose data folder is used.</param>
    /// <param name="ports">Where everything listens.</param>
    /// <param name="durable">False where a power cut may lose data.</param>
    /// <param name="say">Told the progress.</param>
    internal Platform(Workspace workspace, Ports ports, bool durable, Action<string> say)
    {
        (_workspace, _ports, _durable, _say) = (workspace, ports, durable, say);
        _state = new PlatformState { Url = ports.PublicUrl, Build = Workspace.Build(), Mode = SagaMode.FromEnvironment(), Transport = Transport.FromEnvironment(), Supervisor = RunningProcess.Of(Environment.ProcessId) };
        Secrets = new Secrets(workspace.SecretsFile);
    }

    internal PlatformState State => _state;

    /// <summary>Where everything listens.</summary>
    internal Ports Ports => _ports;

    /// <summary>The logs of all processes.</summary>
    internal string Logs => _workspace.Logs;

    internal string StateFile => _workspace.StateFile;

    internal Secrets Secrets { get; }

    /// <summary>Whether a server that <c>DATABASE_URL</c> names is used; a throw-away platform never touches somebody's.</summary>
    internal bool MayUseOtherServers { get; init; }

    /// <summary>Whether mail goes to files without looking for a mail catcher.</summary>
    internal bool MailToFiles { get; init; }

    /// <summary>The pause before a process that has ended is started again; null: a growing one.</summary>
    internal TimeSpan? RestartPause { get; init; }

    /// <summary>How long a process that was told to stop goes on serving (<c>Shutdown:Delay</c>).</summary>
    internal TimeSpan ShutdownDelay { get; init; }

    /// <summary>The superuser's address of the private cluster, once that runs.</summary>
    internal PostgresUrl? PostgresUrl { get; private set; }

    /// <summary>The private broker, once it runs.</summary>
    internal RabbitMqNode? Broker { get; private set; }

    /// <summary>Starts everything and returns when every service is ready.</summary>
    /// <exception cref="Failure">Something is missing or does not become ready.</exception>
    internal async Task StartAsync(CancellationToken ct)
    {
        using var abort = CancellationTokenSource.CreateLinkedTokenSource(ct, _stopping.Token);
        if (ServiceTable.All.FirstOrDefault(s => !File.Exists(Workspace.Assembly(s.Project))) is { } missing)
        {
            throw new Failure($"{missing.Name} is not built ({Workspace.Assembly(missing.Project)} is missing); build with: make up.");
        }
        Update(s => s);
        _mail = StartMailAsync(_stopping.Token);
        Task<string?> broker = BrokerAsync(abort.Token);
        Dictionary<string, PostgresUrl> databases = await DatabasesAsync(abort.Token);
        var settings = new ServiceSettings(_ports.PublicUrl, _ports.Services, databases, Secrets) { Broker = await broker, ShutdownDelay = ShutdownDelay };
        var readiness = new Readiness(_say);
        await Task.WhenAll(ServiceTable.Replicas(_ports.Replicas).Select(StartServiceAsync));
        _ = await _mail;

        async Task StartServiceAsync(Replica replica)
        {
            try
            {
                MailState? mail = replica.Service.Mail ? await _mail.WaitAsync(abort.Token) : null;
                Child child = StartChild(replica.Name, () => new Command(DotnetHost.Path, [Workspace.Assembly(replica.Service.Project)])
                {
                    Environment = settings.For(replica, mail),
                    Directory = _workspace.Data,
                });
                await readiness.WaitAsync(child, _ports.Services[replica.Name].Http, abort.Token);
            }
            catch (Failure)
            {
                await abort.CancelAsync(); // one that cannot come up ends the waiting for all
                throw;
            }
        }
    }

    /// <summary>Records that everything is up.</summary>
    internal void DeclareReady() => Update(s => s with { Phase = Phase.Ready });

    /// <summary>Starts the private PostgreSQL cluster only.</summary>
    internal async Task<PostgresUrl> StartPostgresAsync(CancellationToken ct)
    {
        PostgresCluster cluster = await PostgresCluster.OpenAsync(_workspace, Secrets, _durable, _say, ct);
        Child child = StartChild(PlatformState.Postgres, () => cluster.Server(_ports.Postgres));
        await cluster.WaitAsync(_ports.Postgres, child.Log, ct);
        _say("postgres is ready");
        return PostgresUrl = cluster.Url(_ports.Postgres);
    }

    /// <summary>Stops the gateway first, so that nothing new comes in, then the services, then what they use.</summary>
    internal async Task StopAsync()
    {
        await _stopping.CancelAsync();
        await _mail.ContinueWith(static _ => { }, TaskScheduler.Default); // whatever came of it: nothing starts after this line
        await StopAsync(name => name.StartsWith(ServiceTable.Gateway, StringComparison.Ordinal));
        await StopAsync(name => !PlatformState.IsForeign(name));
        await StopAsync(_ => true);
        Update(s => s with { Phase = Phase.Stopped });
    }

    private Task StopAsync(Func<string, bool> which) => Task.WhenAll(_children.Values.Where(c => which(c.Name)).Select(child =>
        child.Name == PlatformState.Postgres ? child.StopAsync(Posix.Interrupt, PostgresGrace) : child.StopAsync(Posix.Terminate, ServiceGrace)));

    // A throw-away platform never touches somebody's server.
    private async Task<string?> BrokerAsync(CancellationToken ct)
    {
        string? own = _durable ? Transport.OwnBroker : null;
        if (_state.Transport != Transport.RabbitMq || own is not null)
        {
            return _state.Transport == Transport.RabbitMq ? own : null;
        }
        RabbitMqNode node = await RabbitMqNode.OpenAsync(_workspace, Secrets, _ports.Broker, _say, ct);
        await node.WaitAsync(names: true, StartChild(PlatformState.Epmd, node.Names).Log, ct);
        await node.WaitAsync(names: false, StartChild(PlatformState.RabbitMq, node.Server).Log, ct);
        _say("rabbitmq is ready");
        return (Broker = node).Url;
    }

    private async Task<Dictionary<string, PostgresUrl>> DatabasesAsync(CancellationToken ct)
    {
        string[] names = [.. ServiceTable.All.Where(s => s.Database).Select(s => s.Name)];
        Dictionary<string, PostgresUrl> urls = MayUseOtherServers ? ExternalDatabases.FromEnvironment(names) : [];
        foreach (PostgresUrl url in urls.Values)
        {
            await Databases.CreateAsync(url, ct);
        }
        string[] own = [.. names.Except(urls.Keys)];
        if (own.Length > 0)
        {
            PostgresUrl server = await StartPostgresAsync(ct);
            foreach ((string name, PostgresUrl url) in await Databases.CreateOwnedAsync(server, own, Secrets, ct))
            {
                urls.Add(name, url);
            }
        }
        return urls;
    }

    private async Task<MailState> StartMailAsync(CancellationToken ct)
    {
        MailState mail = MailToFiles ? new MailState { Directory = _workspace.Mail } : await MailCatcher.PrepareAsync(_workspace, _ports.Smtp, _ports.MailWeb, _say, ct);
        if (mail.Web is not null)
        {
            Child catcher = StartChild(PlatformState.MailCatcher, () => MailCatcher.Command(_workspace, _ports.Smtp, _ports.MailWeb));
            if (!await MailCatcher.AnswersAsync(catcher, _ports.MailWeb, ct))
            {
                _say($"mail goes to files in {_workspace.Mail}: maildev does not start (log: {catcher.Log})");
                _ = _children.TryRemove(catcher.Name, out _);
                await catcher.StopAsync(Posix.Terminate, ServiceGrace);
                mail = new MailState { Directory = _workspace.Mail };
            }
        }
        Update(s => s with { Mail = mail });
        return mail;
    }

    private Child StartChild(string name, Func<Command> command)
    {
        var child = new Child(name, command, _workspace.Log(name), _say, () => Update(s => s)) { SteadyPause = RestartPause };
        _children[name] = child;
        child.Start();
        return child;
    }

    private void Update(Func<PlatformState, PlatformState> change)
    {
        lock (_writing)
        {
            _state = change(_state) with { Processes = [.. _children.Values.Select(Describe).OrderBy(p => p.Name, StringComparer.Ordinal)] };
            _state.TryWrite(_workspace.StateFile, _say);
        }
    }

    private ProcessState Describe(Child child) => ProcessState.Of(child, _ports.Of(child.Name));
}
