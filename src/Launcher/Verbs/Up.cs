using System.Diagnostics;
using BookSaga.Launcher.Processes;

namespace BookSaga.Launcher.Verbs;

/// <summary><c>up</c>: starts the supervisor in the background and shows its progress until everything is ready. Harmless when it already runs.</summary>
internal static class Up
{
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(10); // a first run may have to install PostgreSQL and the mail catcher

    private static readonly TimeSpan Again = TimeSpan.FromMinutes(1); // how long a service may take to be ready again

    internal static async Task<int> RunAsync(Workspace workspace)
    {
        workspace.Create();
        await using FileStream oneAtATime = await TurnAsync(workspace);
        string log = workspace.Log("launcher");
        if (PlatformState.Read(workspace.StateFile) is { IsRunning: true } outdated && outdated.Build < Workspace.Build())
        {
            Console.WriteLine("The build is newer than the running platform; restarting it.");
            _ = await Down.RunAsync(workspace);
        }
        if (PlatformState.Read(workspace.StateFile) is { IsRunning: true } other && other.Mode != SagaMode.FromEnvironment())
        {
            Console.WriteLine($"BookSaga runs in the mode {other.Mode}; restarting it in {SagaMode.FromEnvironment()}.");
            _ = await Down.RunAsync(workspace);
        }
        if (PlatformState.Read(workspace.StateFile) is { IsRunning: true } another && another.Transport != Transport.FromEnvironment())
        {
            Console.WriteLine($"The events of BookSaga travel by {another.Transport}; restarting it with {Transport.FromEnvironment()}.");
            _ = await Down.RunAsync(workspace);
        }
        if (PlatformState.Read(workspace.StateFile) is { IsRunning: true } running)
        {
            Console.WriteLine($"BookSaga is already running at {running.Url}.");
            return await FollowAsync(workspace, log, new FileInfo(log).Length, running.Supervisor!);
        }
        Child.Rotate(log);
        long from = File.Exists(log) ? new FileInfo(log).Length : 0;
        using Process supervisor = new Command(DotnetHost.Path, [Path.Combine(AppContext.BaseDirectory, "BookSaga.Launcher.dll"), "run"])
        {
            Directory = workspace.Data,
        }.StartLogged(log);
        return await FollowAsync(workspace, log, from, RunningProcess.Of(supervisor.Id) ?? new RunningProcess(supervisor.Id, ""));
    }

    private static async Task<int> FollowAsync(Workspace workspace, string log, long from, RunningProcess supervisor)
    {
        Stopwatch? ready = null;
        for (var waited = Stopwatch.StartNew(); waited.Elapsed < Limit; await Task.Delay(Poll))
        {
            bool alive = supervisor.IsAlive();
            PlatformState? state = PlatformState.Read(workspace.StateFile);
            from = await ShowAsync(log, from);
            if (!alive)
            {
                return 1; // its last line, shown above, says why
            }
            if (state is not { Phase: Phase.Ready } || state.Supervisor != supervisor)
            {
                continue;
            }
            // A service that was killed a moment ago is being started again: who asks now would be refused.
            string[] missing = await Status.NotReadyAsync(state);
            if (missing.Length == 0)
            {
                Console.WriteLine(Addresses(workspace, state));
                return 0;
            }
            ready ??= Stopwatch.StartNew();
            if (ready.Elapsed > Again)
            {
                throw new Failure($"BookSaga runs, but not ready: {string.Join(", ", missing)}. make status shows them, make logs why.");
            }
        }
        throw new Failure($"BookSaga is still not ready after {Limit.TotalMinutes:0} minutes; see {log}, and stop it with: make down.");
    }

    private static async Task<long> ShowAsync(string log, long from)
    {
        await using var stream = new FileStream(log, FileMode.OpenOrCreate, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        _ = stream.Seek(from, SeekOrigin.Begin);
        using var reader = new StreamReader(stream);
        string text = await reader.ReadToEndAsync();
        Console.Write(text);
        return stream.Position;
    }

    private static string Addresses(Workspace workspace, PlatformState state) => $"""

        BookSaga is running.
          web and API     {state.Url}
          API reference   {state.Url}/docs
          mail            {state.Mail.Web ?? state.Mail.Directory ?? state.Mail.Smtp}
          saga mode       {state.Mode.ToLowerInvariant()}
          events          {state.Transport.ToLowerInvariant()}
          demo login      {DemoUsers.Client} or {DemoUsers.Business}, password {DemoUsers.Password}
          operator login  {DemoUsers.Operator}, password {new Secrets(workspace.SecretsFile)["operator"]}
          internal ports  {string.Join(", ", state.Processes.Select(InternalPorts))}
          logs            {workspace.Logs}
        Stop it with: make down
        """;

    private static string InternalPorts(ProcessState process) =>
        process.MetricsPort is { } metrics ? $"{process.Name} metrics {metrics}"
        : process.GrpcPort is { } grpc ? $"{process.Name} {process.Port}+{grpc}"
        : $"{process.Name} {process.Port}";

    // Two `make up` at once: the second waits, then finds the platform running.
    private static async Task<FileStream> TurnAsync(Workspace workspace)
    {
        for (var waited = Stopwatch.StartNew(); ; await Task.Delay(Poll))
        {
            try
            {
                return new FileStream(Path.Combine(workspace.Data, "up.lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException) when (waited.Elapsed < Limit)
            {
                // the other one is at it
            }
        }
    }
}
