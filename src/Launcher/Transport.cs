namespace BookSaga.Launcher;

/// <summary>How events travel: <c>TRANSPORT=Direct</c> (between the services, the default) or <c>TRANSPORT=RabbitMq</c> (through a broker).</summary>
internal static class Transport
{
    /// <summary>The value for a broker.</summary>
    internal const string RabbitMq = "RabbitMq";

    private static readonly string[] All = ["Direct", RabbitMq];

    /// <summary>A broker of your own, which is used instead of a private one.</summary>
    internal static string? OwnBroker => Environment.GetEnvironmentVariable("Events__RabbitMq__Url") is { Length: > 0 } url ? url : null;

    /// <summary>The value of <c>Events:Transport</c>.</summary>
    /// <exception cref="Failure"><c>TRANSPORT</c> is something else.</exception>
    internal static string FromEnvironment() => Environment.GetEnvironmentVariable("TRANSPORT") switch
    {
        null or "" => All[0],
        { } text => Array.Find(All, transport => transport.Equals(text, StringComparison.OrdinalIgnoreCase)) ?? throw new Failure($"TRANSPORT={text} is neither Direct nor RabbitMq."),
    };
}
