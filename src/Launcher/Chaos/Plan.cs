using System.Globalization;
using System.Security.Cryptography;

namespace BookSaga.Launcher.Chaos;

/// <summary>What happens to a process.</summary>
internal enum Blow
{
    /// <summary>SIGKILL.</summary>
    Kill,

    /// <summary>SIGSTOP, and SIGCONT after a while: a process that was paused and does not know it.</summary>
    Freeze,

    /// <summary>SIGTERM: an ordinary restart.</summary>
    End,

    /// <summary>SIGQUIT to PostgreSQL: it drops everything without a checkpoint.</summary>
    Quit,

    /// <summary>The broker closes every connection, and goes on.</summary>
    Wipe,
}

/// <summary>One fault.</summary>
/// <param name="At">When, since the load began.</param>
/// <param name="Process">Whom it hits: <c>booking-2</c>, <c>postgres</c>, <c>rabbitmq</c>.</param>
/// <param name="Blow">How.</param>
/// <param name="Pause">How long a frozen process stays so.</param>
internal sealed record Fault(TimeSpan At, string Process, Blow Blow, TimeSpan Pause);

/// <summary>A run: the faults are a function of seed, duration, replicas and transport. Real time is not, so a replay hits other moments of other sagas.</summary>
internal sealed record Plan(int Seed, TimeSpan Duration, int Clients, int Replicas, string Mode, string Transport)
{
    // The saga's own services are hit most.
    private static readonly string[] Targets =
    [
        "customer", "customer", "customer", "booking", "booking", "booking", "payment", "payment", "payment",
        PlatformState.Postgres, PlatformState.Postgres, "company", "notification", ServiceTable.Identity, ServiceTable.Gateway,
    ];

    private static readonly string[] Broker = [.. Enumerable.Repeat(PlatformState.RabbitMq, 4)];

    /// <summary>In the order of time.</summary>
    internal IReadOnlyList<Fault> Faults { get; } = Schedule(new Random(Seed), Duration, Replicas, Transport == Launcher.Transport.RabbitMq ? [.. Targets, .. Broker] : Targets);

    /// <summary>The command that gives the same faults again.</summary>
    internal string Replay => FormattableString.Invariant($"make chaos MODE={Mode.ToLowerInvariant()} TRANSPORT={Transport} DURATION={Duration.TotalSeconds:0} SEED={Seed} CLIENTS={Clients} REPLICAS={Replicas}");

    /// <summary>From <c>DURATION</c> (seconds, 60), <c>SEED</c> (any), <c>CLIENTS</c> (16), <c>REPLICAS</c> (2), <c>MODE</c> (orchestration) and <c>TRANSPORT</c> (Direct).</summary>
    /// <exception cref="Failure">One of them is not what it can be.</exception>
    internal static Plan FromEnvironment() => new(
        Number("SEED", RandomNumberGenerator.GetInt32(1, 1_000_000), 0, int.MaxValue),
        TimeSpan.FromSeconds(Number("DURATION", 60, 5, 86_400)),
        Number("CLIENTS", 16, 1, 1_000),
        Ports.ReplicasFromEnvironment(usual: 2),
        SagaMode.FromEnvironment(),
        Launcher.Transport.FromEnvironment());

    private static List<Fault> Schedule(Random random, TimeSpan duration, int replicas, string[] targets)
    {
        var faults = new List<Fault>();
        for (double at = 1; at < duration.TotalSeconds; at += 1 + (4 * random.NextDouble()))
        {
            string target = targets[random.Next(targets.Length)];
            int number = random.Next(1, replicas + 1);
            double roll = random.NextDouble();
            double pause = 1 + (4 * random.NextDouble());
            faults.Add(target switch
            {
                PlatformState.Postgres => new(TimeSpan.FromSeconds(at), target, roll < 0.5 ? Blow.Kill : Blow.Quit, TimeSpan.Zero),
                PlatformState.RabbitMq => new(TimeSpan.FromSeconds(at), target, roll < 0.35 ? Blow.Kill : roll < 0.6 ? Blow.Freeze : roll < 0.75 ? Blow.End : Blow.Wipe, TimeSpan.FromSeconds(pause)),
                _ => new(
                    TimeSpan.FromSeconds(at),
                    new Replica(ServiceTable.Find(target), number).Name,
                    roll < 0.55 ? Blow.Kill : roll < 0.85 ? Blow.Freeze : Blow.End,
                    TimeSpan.FromSeconds(pause)),
            });
        }
        return faults;
    }

    private static int Number(string name, int usual, int least, int most) => Environment.GetEnvironmentVariable(name) switch
    {
        null or "" => usual,
        { } text when int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number >= least && number <= most => number,
        { } text => throw new Failure($"{name}={text} is not a number from {least} to {most}."),
    };
}
