namespace BookSaga.Load.Outage;

/// <summary>Everything that a run has measured, as it is written to JSON. Rates are a second, latencies milliseconds, times seconds, memory megabytes.</summary>
internal sealed record OutageResults
{
    public Dictionary<string, string> Machine { get; } = [];

    public List<MoodResult> Moods { get; } = [];

    public List<DrainResult> Drains { get; } = [];

    public BrokerResult? Broker { get; set; }

    /// <summary>The latency of a load with a mail server, the mean of the first and the last.</summary>
    internal (double P50, double P99) Serving()
    {
        MoodResult[] serving = [.. Moods.Where(m => m.Mood == nameof(Mood.Serving))];
        return (serving.Average(m => m.P50), serving.Average(m => m.P99));
    }
}

/// <summary>A load of bookings while the mail server was in one mood.</summary>
/// <param name="Mood">Which.</param>
/// <param name="Bookings">Answered as paid.</param>
/// <param name="Failed">Anything else.</param>
/// <param name="P50">Latency.</param>
/// <param name="P99">Latency.</param>
/// <param name="Waiting">Mails and stored events that waited when the server recovered.</param>
/// <param name="DeliveredAfter">From then until the last mail was recorded as sent.</param>
/// <param name="Mails">Message-IDs that arrived, all that were expected.</param>
/// <param name="Repeats">Mails that arrived once more.</param>
internal sealed record MoodResult(string Mood, int Bookings, int Failed, double P50, double P99, long Waiting, double DeliveredAfter, int Mails, int Repeats);

/// <summary>What many bookings without a mail server left, sent when there was one.</summary>
/// <param name="WorkMs">What the server took for each mail.</param>
/// <param name="Bookings">How many.</param>
/// <param name="Mails">Theirs.</param>
/// <param name="FirstAfter">From the server's return to the first mail.</param>
/// <param name="AllAfter">To the last.</param>
/// <param name="PerS">Mails a second between the first twentieth and the last.</param>
/// <param name="BarePerS">From MailKit alone.</param>
/// <param name="Repeats">Mails that arrived once more.</param>
internal sealed record DrainResult(double WorkMs, int Bookings, int Mails, double FirstAfter, double AllAfter, double PerS, double BarePerS, int Repeats)
{
    public double Ratio => Math.Round(PerS / BarePerS, 2);
}

/// <summary>Bookings while the broker was away.</summary>
/// <param name="OutageSeconds">How long.</param>
/// <param name="Before">The load with a broker.</param>
/// <param name="During">The load without.</param>
/// <param name="After">The load while the backlog drained.</param>
/// <param name="Backlog">Events in the outboxes when it returned.</param>
/// <param name="BacklogMegabytes">The size of customer's outbox then.</param>
/// <param name="BackAfter">From its start until it greeted.</param>
/// <param name="DrainedAfter">From then until every event of the outage was stored by its consumer.</param>
/// <param name="Events">Events of the outage that arrived, each once.</param>
/// <param name="Cancelled">Bookings that were paid and cancelled in the outage.</param>
/// <param name="Overtaken">Of those, how many cancellations were stored before the payment.</param>
/// <param name="MailsOvertaken">Mails of a cancellation that arrived before that of the payment.</param>
/// <param name="OutOfOrder">Events stored before one that is a second older.</param>
/// <param name="MemoryBefore">By process, when the broker went.</param>
/// <param name="MemoryAfter">When it returned.</param>
internal sealed record BrokerResult(
    int OutageSeconds, Latency Before, Latency During, Latency After, long Backlog, double BacklogMegabytes, double BackAfter, double DrainedAfter, long Events, int Cancelled,
    int Overtaken, int MailsOvertaken, int OutOfOrder, Dictionary<string, double> MemoryBefore, Dictionary<string, double> MemoryAfter);

/// <summary>What a steady load got.</summary>
internal sealed record Latency(int Bookings, int Failed, double PerS, double P50, double P99)
{
    internal static Latency Of(Measurement load) => new(load.Succeeded, load.Answered - load.Succeeded, Math.Round(load.PerSecond), load.Percentile(0.5), load.Percentile(0.99));
}
