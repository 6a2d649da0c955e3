using System.Globalization;

namespace BookSaga.Launcher.Chaos;

/// <summary>The people of a run: clients who race for few offers, and companies that post and withdraw them.</summary>
internal sealed class Crowd
{
    private const int MerchantCount = 3;

    private readonly Client[] _clients;
    private readonly Merchant[] _merchants;

    private Crowd(Client[] clients, Merchant[] merchants) => (_clients, _merchants) = (clients, merchants);

    /// <summary>Everybody signed up, with accounts, money and companies.</summary>
    /// <param name="gateways">Where they call.</param>
    /// <param name="http">With what.</param>
    /// <param name="tally">Keeps what they were told.</param>
    /// <param name="clients">How many.</param>
    /// <param name="seed">Of their choices.</param>
    /// <param name="patient">Whether nobody hangs up.</param>
    /// <param name="ct">Gives up.</param>
    internal static async Task<Crowd> GatherAsync(Gateways gateways, HttpClient http, Tally tally, int clients, int seed, bool patient, CancellationToken ct)
    {
        var board = new Board();
        var crowd = new Crowd(
            [.. Enumerable.Range(0, clients).Select(i => new Client(Person("customer", i), board, tally))],
            [.. Enumerable.Range(clients, MerchantCount).Select(i => new Merchant(Person("company", i), board, tally))]);
        foreach (Merchant merchant in crowd._merchants)
        {
            await merchant.PrepareAsync(ct);
        }
        await Parallel.ForEachAsync(crowd._clients, new ParallelOptions { MaxDegreeOfParallelism = 4, CancellationToken = ct }, async (client, gone) => await client.PrepareAsync(gone));
        return crowd;

        Person Person(string kind, int number) =>
            new(gateways, http, tally, new Random((seed * 1000) + number), kind, $"{kind}.{number.ToString(CultureInfo.InvariantCulture)}@example.com") { IsPatient = patient };
    }

    /// <summary>Does all that people do until <paramref name="load"/> ends, and waits for the last answers.</summary>
    internal Task RunAsync(CancellationToken load) => Task.WhenAll([.. _clients.Select(c => c.RunAsync(load)), .. _merchants.Select(m => m.RunAsync(load))]);
}
