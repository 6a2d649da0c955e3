namespace BookSaga.Launcher;

/// <summary>How bookings are brought to their end: <c>MODE=orchestration</c> (by commands, the default) or <c>MODE=choreography</c> (by events).</summary>
internal static class SagaMode
{
    private static readonly string[] All = ["Orchestration", "Choreography"];

    /// <summary>The value of <c>Saga:Mode</c>.</summary>
    /// <exception cref="Failure"><c>MODE</c> is something else.</exception>
    internal static string FromEnvironment() => Environment.GetEnvironmentVariable("MODE") switch
    {
        null or "" => All[0],
        { } text => Array.Find(All, mode => mode.Equals(text, StringComparison.OrdinalIgnoreCase)) ?? throw new Failure($"MODE={text} is neither orchestration nor choreography."),
    };
}
