namespace BookSaga.Load;

/// <summary>How much is done. Times are seconds.</summary>
/// <param name="Name"><c>full</c> or <c>quick</c>; the results' file name.</param>
/// <param name="Customers">Customers with a token each.</param>
/// <param name="LimitSeconds">Of each pgbench run.</param>
/// <param name="SettleSeconds">From the start to the look at the idle platform: its compilers go on for some minutes.</param>
/// <param name="WarmUpSeconds">Load that is not measured: compilers and plans settle.</param>
/// <param name="LoadSeconds">Of each measured load.</param>
/// <param name="Levels">Connections of the closed loads.</param>
/// <param name="Shares">Rates of the open loads, as shares of the best closed one.</param>
/// <param name="SearchOffers">Open offers while reads are measured.</param>
/// <param name="Growth">Offers at which the throughput is measured again; empty: not.</param>
/// <param name="History">Finished sagas after which it is measured last; 0: not.</param>
internal sealed record Plan(
    string Name, int Customers, int LimitSeconds, int SettleSeconds, int WarmUpSeconds, int LoadSeconds, int[] Levels, double[] Shares, int SearchOffers, long[] Growth, int History)
{
    /// <summary>The connections whose throughput is the headline's candidate beside the others', and of growth and overload.</summary>
    internal const int Most = 256;

    /// <summary>Bookings a second that seeded offers must last for.</summary>
    internal const int Fastest = 12_000;

    private static readonly Plan Full = new("full", 400, 10, 420, 40, 10, [1, 16, 64, Most, Most * 4], [0.25, 0.5, 0.75, 0.9], 1_000_000, [1_000_000, 10_000_000], 1_000_000);

    private static readonly Plan Quick = new("quick", 200, 6, 30, 30, 6, [1, 16, 64, Most, Most * 4], [0.5], 50_000, [], 0);

    /// <summary>The plan of that name; null: there is none.</summary>
    internal static Plan? Find(string name) => Array.Find([Full, Quick], plan => plan.Name == name);
}
