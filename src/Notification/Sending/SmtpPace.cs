using BookSaga.Hosting.Data;
using Microsoft.Extensions.Options;
using Npgsql;

namespace BookSaga.Notification.Sending;

/// <summary>
/// <c>Mail:MaxPerMinute</c>: gives each mail a moment of its own, evenly spaced, so that in no minute a server (or the folder) gets more, whatever the number of replicas and
/// connections. A moment whose process dies is lost, nothing else.
/// </summary>
internal sealed class SmtpPace(NpgsqlDataSource db, IOptions<MailOptions> options, TimeProvider time)
{
    private const string Sql = """
        INSERT INTO smtp_pace AS p (host, next_at) VALUES ($1, $2::timestamptz + $3)
        ON CONFLICT (host) DO UPDATE SET next_at = greatest(p.next_at, $2) + $3
        RETURNING next_at - $3
        """;

    /// <summary>Waits for the moment of the next mail; not at all without a limit.</summary>
    internal async Task WaitAsync(CancellationToken ct)
    {
        if (options.Value.MaxPerMinute <= 0)
        {
            return;
        }
        DateTimeOffset now = time.GetUtcNow();
        DateTimeOffset mine = await db.QueryFirstAsync(
            Sql, row => row.GetFieldValue<DateTimeOffset>(0), ct, options.Value.SmtpAddress?.Authority ?? "files", now, TimeSpan.FromMinutes(1) / options.Value.MaxPerMinute);
        if (mine > now)
        {
            await Task.Delay(mine - now, time, ct);
        }
    }
}
