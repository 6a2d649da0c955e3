namespace BookSaga.Load;

/// <summary>Everything that a run has measured, as it is written to JSON. Rates are a second, latencies and times milliseconds unless named otherwise.</summary>
internal sealed record Results
{
    public double LimitSagasPerS { get; set; }

    public double EndToEndBookingsPerS { get; set; }

    public double RatioToLimit => LimitSagasPerS > 0 ? Math.Round(EndToEndBookingsPerS / LimitSagasPerS, 3) : 0;

    public Dictionary<string, string> Machine { get; } = [];

    public List<PgbenchResult> Limit { get; set; } = [];

    /// <summary>One connection, right after the one client of orchestration.</summary>
    public PgbenchResult? LimitAlone { get; set; }

    /// <summary>Closed loads.</summary>
    public List<Load> EndToEnd { get; } = [];

    /// <summary>Loads at a steady rate.</summary>
    public List<Load> AtRate { get; } = [];

    public List<Read> Reads { get; } = [];

    public List<PageRead> Pages { get; } = [];

    public List<Growth> Growth { get; } = [];

    public Overload? Overload { get; set; }

    public double StartSeconds { get; set; }

    public double IdleCpuPercent { get; set; }

    public double IdlePostgresCpuPercent { get; set; }

    /// <summary>Megabytes (proportional set size).</summary>
    public Dictionary<string, double> IdleMemory { get; set; } = [];

    public Dictionary<string, double> LoadedMemory { get; set; } = [];
}

/// <summary>One load of bookings.</summary>
/// <param name="Mode"><c>orchestration</c> or <c>choreography</c>.</param>
/// <param name="Connections">Clients at once.</param>
/// <param name="OfferedPerS">The steady rate; null for a closed load.</param>
/// <param name="PerS">Bookings answered as paid.</param>
/// <param name="P50">Latency.</param>
/// <param name="P90">Latency.</param>
/// <param name="P99">Latency.</param>
/// <param name="P999">Latency.</param>
/// <param name="Failed">Neither paid nor refused for overload.</param>
/// <param name="MailLagSeconds">From the last answer until every mail event had arrived.</param>
/// <param name="CpuSecondsPer1000">By process, for 1,000 bookings.</param>
/// <param name="WalBytes">For one booking.</param>
/// <param name="DiskBytes">For one booking.</param>
internal sealed record Load(
    string Mode, int Connections, double? OfferedPerS, double PerS, double P50, double P90, double P99, double P999, int Failed, double MailLagSeconds,
    Dictionary<string, double> CpuSecondsPer1000, double WalBytes, double DiskBytes);

/// <summary>One kind of read, through the gateway and by pgbench with the statement alone.</summary>
internal sealed record Read(string What, int Connections, double PerS, double P50, double P99, double? SqlP50, double? SqlP99);

/// <summary>A page of the web, and the question that it asks the API, through the same gateway.</summary>
internal sealed record PageRead(string Page, double P50, double P99, double ApiP50, double ApiP99);

/// <summary>The throughput when so much is there.</summary>
internal sealed record Growth(long Offers, long FinishedSagas, double PerS, double P50, double P99);

/// <summary>More clients than the platform can serve.</summary>
internal sealed record Overload(int Connections, double PerS, double ShedPerS, int Failed, bool EveryRefusalSaysWhen, double P99);
