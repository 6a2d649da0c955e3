using System.Diagnostics;
using BookSaga.Launcher.RabbitMq;

namespace BookSaga.Launcher.Chaos;

/// <summary>Rest: no live saga, no event under way, no mail waiting.</summary>
internal static class Quiet
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    /// <summary>Waits for it; what is left after a minute is counted by the audit.</summary>
    internal static async Task WaitAsync(Databases databases, RabbitMqNode? broker, CancellationToken ct)
    {
        // An event may be on its way between a database and the broker at the moment of looking at either.
        int needed = broker is null ? 1 : 5;
        for (var (waited, quiet) = (Stopwatch.StartNew(), 0); quiet < needed && waited.Elapsed < Limit; await Task.Delay(TimeSpan.FromMilliseconds(200), ct))
        {
            quiet = await IsQuietAsync(databases, broker, ct) ? quiet + 1 : 0;
        }
    }

    private static async Task<bool> IsQuietAsync(Databases databases, RabbitMqNode? broker, CancellationToken ct) =>
        await databases.CountAsync("customer", "SELECT (SELECT count(*) FROM booking WHERE live) + (SELECT count(*) FROM cancellation WHERE live) + (SELECT count(*) FROM outbox)") == 0
        && (await Task.WhenAll(((string[])["company", "booking", "payment"]).Select(d => databases.CountAsync(d, "SELECT count(*) FROM outbox")))).Sum() == 0
        && await databases.CountAsync("notification", "SELECT (SELECT count(*) FROM mail WHERE state = 'waiting') + (SELECT count(*) FROM received WHERE payload IS NOT NULL)") == 0
        && (broker is null || await broker.MessagesAsync(ct) == 0);
}
