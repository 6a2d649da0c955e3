using System.Text.Json;
using System.Text.Json.Serialization;
using BookSaga.Launcher.Processes;

namespace BookSaga.Launcher;

/// <summary>What runs, where: <c>.data/platform.json</c>, written by the supervisor, read by every other verb and by tests.</summary>
internal sealed record PlatformState
{
    /// <summary>The name of the private database server's process.</summary>
    internal const string Postgres = "postgres";

    /// <summary>The name of the mail catcher's process.</summary>
    internal const string MailCatcher = "mail";

    /// <summary>The name of the private broker's process.</summary>
    internal const string RabbitMq = "rabbitmq";

    /// <summary>The name of the process by which the broker's tools find it.</summary>
    internal const string Epmd = "epmd";

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
    };

    public Phase Phase { get; init; }

    /// <summary>The gateway's public address.</summary>
    public string Url { get; init; } = "";

    public RunningProcess? Supervisor { get; init; }

    /// <summary>The build that was started: when the newest of its assemblies was written.</summary>
    public DateTimeOffset Build { get; init; }

    /// <summary>How bookings are brought to their end: <c>Saga:Mode</c>.</summary>
    public string Mode { get; init; } = "";

    /// <summary>How events travel: <c>Events:Transport</c>.</summary>
    public string Transport { get; init; } = "";

    /// <summary>Where mail goes.</summary>
    public MailState Mail { get; init; } = new();

    public IReadOnlyList<ProcessState> Processes { get; init; } = [];

    internal bool IsRunning => Supervisor?.IsAlive() == true;

    /// <summary>The last state written; null when there is none that can be read.</summary>
    internal static PlatformState? Read(string file)
    {
        try
        {
            return JsonSerializer.Deserialize<PlatformState>(File.ReadAllText(file), Json);
        }
        catch (Exception e) when (e is IOException or JsonException)
        {
            return null;
        }
    }

    internal void Write(string file) => PrivateFile.Write(file, JsonSerializer.Serialize(this, Json));

    /// <summary>The same, but a full disk does not end who looks after the processes: it is told, and the next change is written again.</summary>
    internal void TryWrite(string file, Action<string> say)
    {
        try
        {
            Write(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            say($"{file} cannot be written: {e.Message}");
        }
    }

    /// <summary>Ends what a killed supervisor left behind, known by pid and start time.</summary>
    internal Task EndLeftoversAsync() => Task.WhenAll(Processes
        .Where(p => p.Process?.IsAlive() == true)
        .Select(p => p.Process!.EndAsync(p.Name == Postgres ? Posix.Interrupt : Posix.Terminate, TimeSpan.FromSeconds(10))));

    /// <summary>Whether <paramref name="process"/> is somebody else's program, which knows nothing of <c>/readyz</c> and <c>/metrics</c>.</summary>
    internal static bool IsForeign(string process) => process is Postgres or MailCatcher or RabbitMq or Epmd;

    internal ProcessState? Process(string name) => Processes.FirstOrDefault(p => p.Name == name);
}

/// <summary>How far the platform has come.</summary>
internal enum Phase
{
    /// <summary>Not all processes have been ready yet.</summary>
    Starting,

    /// <summary>All processes have been ready once.</summary>
    Ready,

    /// <summary>Ended in order.</summary>
    Stopped,
}

/// <summary>One process with its ports on 127.0.0.1.</summary>
/// <param name="Name">The service's name, <c>postgres</c>, <c>rabbitmq</c>, <c>epmd</c> or <c>mail</c>.</param>
/// <param name="Process">Null while it is between two starts.</param>
/// <param name="Port">HTTP; for the others their own protocol.</param>
/// <param name="GrpcPort">Internal calls; the mail catcher's web page is <see cref="MailState.Web"/>.</param>
/// <param name="Restarts">How often it had to be started again.</param>
/// <param name="MetricsPort">Metrics, where <paramref name="Port"/> is public and has none.</param>
internal sealed record ProcessState(string Name, RunningProcess? Process, int? Port, int? GrpcPort, int Restarts, int? MetricsPort = null)
{
    internal static ProcessState Of(Child child, ServicePorts ports) => new(child.Name, child.Current, ports.Http, ports.Grpc, child.Restarts, ports.Metrics);
}

/// <summary>Where mail goes: to a catcher with a web page, or to files.</summary>
internal sealed record MailState
{
    /// <summary><c>smtp://host:port</c>; null: files.</summary>
    public string? Smtp { get; init; }

    /// <summary>The catcher's page; its REST is at <c>/api/email</c>.</summary>
    public string? Web { get; init; }

    /// <summary>The folder of <c>.eml</c> files when there is no SMTP server.</summary>
    public string? Directory { get; init; }
}
