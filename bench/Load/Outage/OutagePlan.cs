namespace BookSaga.Load.Outage;

/// <summary>How much is done. Rates are a second, times seconds.</summary>
/// <param name="Name">The results' file name.</param>
/// <param name="Customers">Customers with a token each.</param>
/// <param name="WarmUpSeconds">Load that is not measured.</param>
/// <param name="MailRate">Bookings while the mail server misbehaves.</param>
/// <param name="MailSeconds">For so long in each mood.</param>
/// <param name="DrainBookings">Bookings without a mail server, of which the drain is measured.</param>
/// <param name="BrokerRate">Bookings while the broker is away.</param>
/// <param name="BeforeSeconds">Load with the broker, measured first.</param>
/// <param name="OutageSeconds">How long it is away.</param>
internal sealed record OutagePlan(
    string Name, int Customers, int WarmUpSeconds, int MailRate, int MailSeconds, int DrainBookings, int BrokerRate, int BeforeSeconds, int OutageSeconds)
{
    /// <summary>More than a steady load needs: a stall shows as latency, not as a lower rate.</summary>
    internal const int Connections = 128;

    private static readonly OutagePlan Whole = new("outage", 64, 20, 150, 15, 10_000, 100, 30, 300);

    private static readonly OutagePlan Short = new("outage-short", 32, 5, 100, 5, 4_000, 50, 5, 20);

    /// <summary>The plan of that name; null: there is none.</summary>
    internal static OutagePlan? Find(string name) => Array.Find([Whole, Short], plan => plan.Name == name);
}
