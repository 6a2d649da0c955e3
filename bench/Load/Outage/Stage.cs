using System.Diagnostics;
using System.Globalization;
using BookSaga.Launcher;
using BookSaga.Launcher.Chaos;

namespace BookSaga.Load.Outage;

/// <summary>A platform with customers who book at a steady rate, and a mail server that can misbehave.</summary>
internal sealed class Stage(Platform platform, OutagePlan plan, SmtpSink sink) : IDisposable
{
    private const string WaitingSql = "SELECT (SELECT count(*) FROM mail WHERE state = 'waiting') + (SELECT count(*) FROM received WHERE payload IS NOT NULL)";
    private static readonly TimeSpan DeliveryLimit = TimeSpan.FromMinutes(5);
    private Bookings? _bookings;

    internal Databases Databases { get; } = new(platform.PostgresUrl!);

    internal Crowd Crowd { get; } = new(platform.Ports.Services[ServiceTable.Gateway].Http);

    internal Checks Checks { get; } = new(new Databases(platform.PostgresUrl!));

    public void Dispose() => Crowd.Dispose();

    /// <summary>Customers, and a load that nobody measures.</summary>
    internal async Task PrepareAsync()
    {
        await Crowd.SignUpAsync(plan.Customers);
        _bookings = new Bookings(Databases, platform.Ports.Services[ServiceTable.Gateway].Http, Crowd, Say);
        await ReadyAsync(plan.WarmUpSeconds * plan.MailRate);
        _ = await LoadAsync("warming up", plan.MailRate, plan.WarmUpSeconds);
        _ = await DeliveredAsync("after the warm-up");
    }

    /// <summary>Offers for so many bookings and tokens that are good for a while; counts begin here.</summary>
    internal async Task ReadyAsync(int bookings)
    {
        await _bookings!.OffersAsync(bookings + OutagePlan.Connections);
        await Crowd.RefreshAsync();
        await Checks.MarkAsync();
    }

    /// <summary>A steady load, of which every booking is paid.</summary>
    /// <exception cref="Failure">One was not.</exception>
    internal async Task<Measurement> LoadAsync(string when, int rate, int seconds)
    {
        Measurement load = await _bookings!.Load().OpenAsync(rate, TimeSpan.FromSeconds(seconds), OutagePlan.Connections);
        return load.Succeeded == load.Answered
            ? load
            : throw new Failure($"{when}: of {load.Answered} bookings {load.Answered - load.Succeeded} were not paid ({string.Join(", ", load.Statuses.Select(s => $"{s.Value} × {s.Key}"))}).");
    }

    /// <summary>Mails, and events of which mails are still to be made.</summary>
    internal Task<long> WaitingAsync() => Databases.CountAsync("notification", WaitingSql);

    /// <summary>Waits until nothing waits, and gives the seconds that took.</summary>
    /// <exception cref="Failure">Something does after five minutes.</exception>
    internal async Task<double> DeliveredAsync(string when)
    {
        var clock = Stopwatch.StartNew();
        while (await WaitingAsync() is not 0 and var waiting)
        {
            if (clock.Elapsed > DeliveryLimit)
            {
                throw new Failure($"{when}: {waiting} mails waited five minutes later.");
            }
            await Task.Delay(TimeSpan.FromMilliseconds(100));
        }
        return Math.Round(clock.Elapsed.TotalSeconds, 1);
    }

    /// <summary>Compares the mails of <paramref name="outcomes"/> with what arrived; gives those that arrived and how many came twice.</summary>
    /// <param name="when">For a failure's sentence.</param>
    /// <param name="outcomes">Outcomes since the mark: each has a mail to the client and one to the company.</param>
    /// <exception cref="Failure">One is missing, or is there without an outcome.</exception>
    internal async Task<(int Mails, int Repeats)> MailsAsync(string when, int outcomes)
    {
        List<(string Id, string State, string Kind)> mails = await Databases.QueryAsync(
            "notification", $"SELECT message_id, state, kind FROM mail WHERE booking_id {Checks.Since}", row => (row.GetString(0), row.GetString(1), row.GetString(2)));
        Dictionary<string, int> arrived = sink.Arrivals.GroupBy(a => a.MessageId).ToDictionary(g => g.Key, g => g.Count());
        int told = mails.Count(m => m.Kind is "paid" or "cancelled");
        int missing = mails.Count(m => m.State == "sent" && !arrived.ContainsKey(m.Id));
        int unsent = mails.Count(m => m.State is not ("sent" or "cancelled"));
        return told == outcomes * 2 && missing == 0 && unsent == 0
            ? (told, mails.Sum(m => Math.Max(0, arrived.GetValueOrDefault(m.Id) - 1)))
            : throw new Failure($"{when}: {outcomes} outcomes have {told} mails instead of {outcomes * 2}, {unsent} are not sent, {missing} sent ones did not arrive.");
    }

    internal static void Say(string line) => Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{TimeProvider.System.GetLocalNow():HH:mm:ss} {line}"));
}
