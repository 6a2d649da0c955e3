using BookSaga.Hosting.Data;
using Microsoft.Extensions.Options;
using Npgsql;

namespace BookSaga.Notification.Sending;

/// <summary>A mail that this process holds the lease of.</summary>
internal sealed record DueMail(
    Guid EventId,
    Guid BookingId,
    string Audience,
    string MessageId,
    string Language,
    string? ToName,
    string[] To,
    string[] Cc,
    string[] Pending,
    string[] Accepted,
    string Subject,
    string Text,
    string Html,
    DateTimeOffset CreatedAt,
    int Attempts);

/// <summary>
/// The table <c>mail</c> as a queue. A claim is a lease in the row (<c>next_at</c>), not a lock, so no connection is held while a mail
/// travels, replicas share the work, and what a dead process held is due again when the lease has passed.
/// </summary>
internal sealed class MailQueue(NpgsqlDataSource db, TimeProvider time, IOptions<MailOptions> options)
{
    /// <summary>Mails a claim takes at most: one connection's worth.</summary>
    internal const int BatchSize = 50;

    /// <summary>After this long no further mail of a claim is begun; the rest is given back.</summary>
    internal static readonly TimeSpan BatchLimit = TimeSpan.FromSeconds(15);

    /// <summary>How long a claim holds its mails unless it is renewed, so how long those of a dead process wait.</summary>
    internal static readonly TimeSpan Lease = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan MaxPause = TimeSpan.FromMinutes(1);
    private readonly SemaphoreSlim _signal = new(0, 1);

    private const string ClaimSql = """
        WITH due AS MATERIALIZED (
            SELECT event_id, audience FROM mail WHERE state = 'waiting' AND next_at <= $1 ORDER BY next_at LIMIT $2 FOR UPDATE SKIP LOCKED)
        UPDATE mail AS m SET attempts = attempts + 1, next_at = $3 FROM due WHERE m.event_id = due.event_id AND m.audience = due.audience
        RETURNING m.event_id, m.audience, m.message_id, m.language, m.to_name, m.to_addresses, m.cc_addresses, m.pending, m.accepted,
            m.subject, m.text_body, m.html_body, m.created_at, m.attempts, m.booking_id
        """;

    // What the server has taken counts whoever reports it; a failure only from the last claimant.
    private const string RecordSql = """
        UPDATE mail SET state = $4, pending = $5, accepted = $6, last_error = coalesce($7, last_error), next_at = $8,
            finished_at = CASE WHEN $4 = 'waiting' THEN NULL ELSE $9 END
        WHERE event_id = $1 AND audience = $2 AND state = 'waiting' AND (attempts = $3 OR $4 = 'sent')
        """;

    private const string RenewSql = """
        UPDATE mail AS m SET next_at = $4 FROM unnest($1, $2, $3) AS held(event_id, audience, attempts)
        WHERE m.event_id = held.event_id AND m.audience = held.audience AND m.attempts = held.attempts AND m.state = 'waiting'
        """;

    private const string GiveBackSql = """
        UPDATE mail AS m SET attempts = m.attempts - 1, next_at = $4 FROM unnest($1, $2, $3) AS held(event_id, audience, attempts)
        WHERE m.event_id = held.event_id AND m.audience = held.audience AND m.attempts = held.attempts AND m.state = 'waiting'
        """;

    /// <summary>Tells the pump that mails were stored. Cheap; may be called too often.</summary>
    internal void Signal()
    {
        try
        {
            _signal.Release();
        }
        catch (SemaphoreFullException)
        {
            // It is awake already.
        }
    }

    /// <summary>Waits for <see cref="Signal"/>, at most <paramref name="limit"/>.</summary>
    internal Task WaitAsync(TimeSpan limit, CancellationToken ct) => _signal.WaitAsync(limit, ct);

    /// <summary>Takes due mails, oldest first, for one <see cref="Lease"/>.</summary>
    internal async Task<List<DueMail>> ClaimAsync(CancellationToken ct)
    {
        DateTimeOffset now = time.GetUtcNow();
        List<DueMail> mails = await db.QueryAsync(
            ClaimSql,
            row => new DueMail(
                row.GetGuid(0), row.GetGuid(14), row.GetString(1), row.GetString(2), row.GetString(3), row.Nullable<string>(4), row.GetFieldValue<string[]>(5),
                row.GetFieldValue<string[]>(6), row.GetFieldValue<string[]>(7), row.GetFieldValue<string[]>(8), row.GetString(9),
                row.GetString(10), row.GetString(11), row.GetFieldValue<DateTimeOffset>(12), row.GetInt32(13)),
            ct, now, BatchSize, now + Lease);
        mails.Sort((a, b) => a.CreatedAt.CompareTo(b.CreatedAt));
        return mails;
    }

    /// <summary>Records what came of one attempt and gives the mail's state: <c>sent</c>, <c>failed</c>, or <c>waiting</c> for the next one.</summary>
    internal async Task<string> RecordAsync(DueMail mail, Delivery delivery, CancellationToken ct)
    {
        DateTimeOffset now = time.GetUtcNow();
        string[] accepted = [.. mail.Accepted.Union(delivery.Accepted)];
        string[] pending = [.. mail.Pending.Except(delivery.Accepted).Except(delivery.Refused.Select(r => r.Address))];
        bool finished = pending.Length == 0 || now - mail.CreatedAt >= options.Value.GiveUpAfter;
        string state = !finished ? "waiting" : accepted.Length > 0 ? "sent" : "failed";
        string[] errors = [.. delivery.Refused.Select(r => $"{r.Address}: {r.Reason}"), .. delivery.Trouble is { } trouble ? [trouble] : Array.Empty<string>()];
        await db.ExecuteAsync(
            RecordSql, ct, mail.EventId, mail.Audience, mail.Attempts, state, pending, accepted,
            errors.Length == 0 ? null : string.Join("; ", errors), now + PauseAfter(mail.Attempts), now);
        return state;
    }

    /// <summary>Holds claimed mails for another <see cref="Lease"/>.</summary>
    internal Task RenewAsync(IReadOnlyList<DueMail> mails, CancellationToken ct) => SetNextAsync(RenewSql, mails, time.GetUtcNow() + Lease, ct);

    /// <summary>Ends the lease of mails that were not begun, as if they had not been claimed.</summary>
    internal Task GiveBackAsync(IReadOnlyList<DueMail> mails, CancellationToken ct) => SetNextAsync(GiveBackSql, mails, time.GetUtcNow(), ct);

    private Task SetNextAsync(string sql, IReadOnlyList<DueMail> mails, DateTimeOffset next, CancellationToken ct) => mails.Count == 0 ? Task.CompletedTask : db.ExecuteAsync(
        sql, ct, mails.Select(m => m.EventId).ToArray(), mails.Select(m => m.Audience).ToArray(), mails.Select(m => m.Attempts).ToArray(), next);

    /// <summary>How many mails wait, and since when the oldest does.</summary>
    internal async Task<(long Waiting, DateTimeOffset? Oldest)> CountAsync(CancellationToken ct) => await db.QueryFirstAsync(
        "SELECT count(*), min(created_at) FROM mail WHERE state = 'waiting'", row => (row.GetInt64(0), row.Nullable<DateTimeOffset?>(1)), ct);

    /// <summary>2 s, 4 s, 8 s … at most one minute.</summary>
    internal static TimeSpan PauseAfter(int attempts) =>
        attempts > 5 ? MaxPause : FirstPause * Math.Pow(2, Math.Max(0, attempts - 1));
}
