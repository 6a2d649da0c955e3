using BookSaga.Contracts;
using BookSaga.Hosting.Data;
using Microsoft.Extensions.Options;
using Npgsql;

namespace BookSaga.Notification.Sending;

/// <summary>
/// The table <c>mail</c> as a queue. A claim is a lease in the row (<c>next_at</c>), not a lock, so no connection is held while a mail
/// travels, replicas share the work, and what a dead process held is due again when the lease has passed.
/// </summary>
internal sealed class MailQueue(NpgsqlDataSource db, StepConnections steps, TimeProvider time, IOptions<MailOptions> options)
{
    /// <summary>Mails a claim takes at most: one connection's worth.</summary>
    internal const int BatchSize = 50;

    // Some ten seconds of a busy server.
    private const long Ahead = 500;

    /// <summary>After this long no further mail of a claim is begun; the rest is given back.</summary>
    internal static readonly TimeSpan BatchLimit = TimeSpan.FromSeconds(15);

    /// <summary>How long a claim holds its mails unless it is renewed, so how long those of a dead process wait.</summary>
    internal static readonly TimeSpan Lease = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan MaxPause = TimeSpan.FromMinutes(1);
    private readonly SemaphoreSlim _signal = new(0, 1);
    private readonly SemaphoreSlim _more = new(0, 1);

    /// <summary>A condition: there is something to send and somebody to send it to. It is not so any more when a person was forgotten.</summary>
    internal const string IsWhole = "text_body <> '' AND to_addresses || cc_addresses <> '{}'";

    private const string AheadSql = "SELECT count(*) >= $2 FROM (SELECT FROM mail WHERE state = 'waiting' AND next_at <= $1 LIMIT $2) due";

    // A mail that answers another one does not overtake it on another connection: it waits until that one was tried. A scalar, so that each is one look into
    // the index whatever the planner thinks of the table.
    private const string ClaimSql = $"""
        WITH due AS MATERIALIZED (
            SELECT event_id, audience FROM mail AS w WHERE state = 'waiting' AND next_at <= $1 AND (in_reply_to IS NULL OR NOT coalesce((
                SELECT bool_or(f.state = 'waiting' AND f.last_error IS NULL) FROM mail f WHERE f.booking_id = w.booking_id AND f.message_id = w.in_reply_to), false))
            ORDER BY next_at LIMIT $2 FOR UPDATE SKIP LOCKED)
        UPDATE mail AS m SET attempts = attempts + 1, next_at = $3 FROM due WHERE m.event_id = due.event_id AND m.audience = due.audience
        RETURNING {DueMail.Columns}
        """;

    // What the server has taken counts whoever reports it; a failure only from the last claimant. The attempt is a fact either way. Somebody who was forgotten while
    // the mail travelled (one of $13, to whom it went, is not among its addresses any more) does not come back: neither in addresses nor in the server's words.
    private const string RecordSql = """
        WITH held AS (SELECT id, to_addresses || cc_addresses AS known FROM mail WHERE event_id = $1 AND audience = $2 FOR UPDATE),
        logged AS (
            INSERT INTO mail_attempt (mail_id, attempt, at, outcome, reason, answer)
            SELECT id, $3, $9, $11, $12, CASE WHEN $13 <@ known THEN $10 ELSE '' END FROM held
            WHERE NOT EXISTS (SELECT FROM mail_attempt a WHERE a.mail_id = held.id AND a.attempt = $3 AND a.at = $9))
        UPDATE mail m SET state = CASE WHEN $4 = 'waiting' AND NOT $5 && known THEN 'cancelled' ELSE $4 END,
            pending = ARRAY(SELECT a FROM unnest($5) a WHERE a = ANY (known)), accepted = ARRAY(SELECT a FROM unnest($6) a WHERE a = ANY (known)),
            last_error = CASE WHEN $13 <@ known THEN coalesce($7, last_error) END, reason = coalesce($12, reason), next_at = $8,
            finished_at = CASE WHEN $4 = 'waiting' AND $5 && known THEN NULL ELSE $9 END
        FROM held
        WHERE m.id = held.id AND (state = 'waiting' AND attempts = $3 OR state IN ('waiting', 'cancelled') AND $4 = 'sent')
        """;

    // Asked right before a reminder leaves: a cancellation that came meanwhile calls it off, also one that did not see this row yet, or is just calling it off.
    private const string WantedSql = $"""
        WITH cancelled AS MATERIALIZED (SELECT FROM received r WHERE r.booking_id = $5 AND r.type = '{EventTypes.BookingCancelled}'),
        off AS (
            UPDATE mail SET state = 'cancelled', finished_at = $4
            WHERE event_id = $1 AND audience = $2 AND state = 'waiting' AND EXISTS (SELECT FROM cancelled))
        SELECT state = 'waiting' AND attempts = $3 AND NOT EXISTS (SELECT FROM cancelled) FROM mail WHERE event_id = $1 AND audience = $2
        """;

    private const string RenewSql = """
        UPDATE mail AS m SET next_at = $4 FROM unnest($1, $2, $3) AS held(event_id, audience, attempts)
        WHERE m.event_id = held.event_id AND m.audience = held.audience AND m.attempts = held.attempts AND m.state = 'waiting'
        """;

    private const string GiveBackSql = """
        UPDATE mail AS m SET attempts = m.attempts - 1, next_at = $4 FROM unnest($1, $2, $3) AS held(event_id, audience, attempts)
        WHERE m.event_id = held.event_id AND m.audience = held.audience AND m.attempts = held.attempts AND m.state = 'waiting'
        """;

    /// <summary>Whether enough mails are due for a while, so that no more need be written now.</summary>
    internal async Task<bool> IsAheadAsync() => (await steps.StepAsync(AheadSql, row => row.GetBoolean(0), time.GetUtcNow(), Ahead))[0];

    /// <summary>Tells the pump that mails were stored. Cheap; may be called too often.</summary>
    internal void Signal() => Release(_signal);

    /// <summary>Tells another connection that there is more than one can carry.</summary>
    internal void SignalMore() => Release(_more);

    /// <summary>Waits for <see cref="SignalMore"/>.</summary>
    internal Task WaitForMoreAsync(CancellationToken ct) => _more.WaitAsync(ct);

    /// <summary>Waits for <see cref="Signal"/>, at most <paramref name="limit"/>.</summary>
    internal Task WaitAsync(TimeSpan limit, CancellationToken ct) => _signal.WaitAsync(limit, ct);

    /// <summary>Takes due mails, oldest first, for one <see cref="Lease"/>.</summary>
    internal async Task<List<DueMail>> ClaimAsync()
    {
        DateTimeOffset now = time.GetUtcNow();
        List<DueMail> mails = await steps.StepAsync(ClaimSql, DueMail.Read, now, BatchSize, now + Lease);
        mails.Sort((a, b) => a.CreatedAt.CompareTo(b.CreatedAt));
        return mails;
    }

    /// <summary>
    /// Records what came of one attempt, which ended at <paramref name="now"/>, and gives the mail's state: <c>sent</c>, <c>failed</c>, or <c>waiting</c> for the
    /// next one. A repeat changes nothing.
    /// </summary>
    internal async Task<string> RecordAsync(DueMail mail, Delivery delivery, DateTimeOffset now)
    {
        string[] accepted = [.. mail.Accepted.Union(delivery.Accepted)];
        string[] pending = [.. mail.Pending.Except(delivery.Accepted).Except(delivery.Refused.Select(r => r.Address))];
        bool finished = pending.Length == 0 || now - (mail.ResentAt ?? mail.CreatedAt) >= options.Value.GiveUpAfter;
        string state = !finished ? "waiting" : accepted.Length > 0 ? "sent" : "failed";
        string outcome = delivery switch
        {
            { Accepted.Count: > 0, Refused.Count: 0, Trouble: null } => "sent",
            { Accepted.Count: > 0 } => "partly",
            { Trouble: null } => "refused",
            _ => "deferred",
        };
        string? error = Words([.. delivery.Refused.Select(r => $"{r.Address}: {r.Words}"), delivery.Trouble]);
        _ = await steps.StepAsync(
            RecordSql, static _ => 0, mail.EventId, mail.Audience, mail.Attempts, state, pending, accepted, error, now + PauseAfter(mail.Attempts), now,
            Words([delivery.Answer, error]) ?? "", outcome, delivery.Refused.Count > 0 ? delivery.Refused[0].Reason : delivery.Reason, mail.Pending);
        return state;
    }

    /// <summary>Whether a reminder is still to be sent.</summary>
    internal Task<bool> IsWantedAsync(DueMail mail, CancellationToken ct) =>
        db.QueryFirstAsync(WantedSql, row => row.GetBoolean(0), ct, mail.EventId, mail.Audience, mail.Attempts, time.GetUtcNow(), mail.BookingId);

    /// <summary>Holds claimed mails for another <see cref="Lease"/>.</summary>
    internal Task RenewAsync(IReadOnlyList<DueMail> mails, CancellationToken ct) => SetNextAsync(RenewSql, mails, time.GetUtcNow() + Lease, ct);

    /// <summary>Ends the lease of mails that were not begun, as if they had not been claimed.</summary>
    internal Task GiveBackAsync(IReadOnlyList<DueMail> mails, CancellationToken ct) => SetNextAsync(GiveBackSql, mails, time.GetUtcNow(), ct);

    private Task SetNextAsync(string sql, IReadOnlyList<DueMail> mails, DateTimeOffset next, CancellationToken ct) => mails.Count == 0 ? Task.CompletedTask : db.ExecuteAsync(
        sql, ct, mails.Select(m => m.EventId).ToArray(), mails.Select(m => m.Audience).ToArray(), mails.Select(m => m.Attempts).ToArray(), next);

    /// <summary>How many mails and stored events wait, and since when the oldest does.</summary>
    internal async Task<(long Waiting, DateTimeOffset? Oldest)> CountAsync(CancellationToken ct) => await db.QueryFirstAsync(
        """
        SELECT count(*), min(since) FROM (
            SELECT coalesce(resent_at, created_at) AS since FROM mail WHERE state = 'waiting' UNION ALL SELECT received_at FROM received WHERE payload IS NOT NULL
        ) waiting
        """, row => (row.GetInt64(0), row.Nullable<DateTimeOffset?>(1)), ct);

    // A server may say anything, and PostgreSQL has no NUL in text.
    private static string? Words(IEnumerable<string?> parts) =>
        string.Join("; ", parts.Where(p => !string.IsNullOrEmpty(p))) is { Length: > 0 } text ? text.Replace('\0', ' ') : null;

    /// <summary>Releases what somebody waits for, or will.</summary>
    internal static void Release(SemaphoreSlim signal)
    {
        try
        {
            signal.Release();
        }
        catch (SemaphoreFullException)
        {
            // It is awake already.
        }
    }

    /// <summary>2 s, 4 s, 8 s … at most one minute.</summary>
    internal static TimeSpan PauseAfter(int attempts) =>
        attempts > 5 ? MaxPause : FirstPause * Math.Pow(2, Math.Max(0, attempts - 1));
}
