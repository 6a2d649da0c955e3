using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using BookSaga.Contracts.Audit;
using BookSaga.Hosting.Data;
using Microsoft.Extensions.Options;
using Npgsql;

namespace BookSaga.Customer.Audit;

/// <summary>A rule that does not hold at the moment.</summary>
/// <param name="Invariant">Its name.</param>
/// <param name="Subject">The booking, offer, transfer or account.</param>
/// <param name="Detail">What is wrong.</param>
/// <param name="Since">When it was first seen, UTC.</param>
internal sealed record Finding(string Invariant, string Subject, string Detail, DateTimeOffset Since);

/// <summary>
/// Compares the three services, always: every round the bookings that have begun or ended since the last one, and a piece of all others, so that everything is
/// looked at again and again. A row that is being changed is looked at twice before it is reported.
/// </summary>
internal sealed partial class Auditor(
    NpgsqlDataSource db, BookingAudit.BookingAuditClient bookings, PaymentAudit.PaymentAuditClient payments, Migrator migrator, IOptions<AuditOptions> options, TimeProvider time, IMeterFactory meters, ILogger<Auditor> logger)
    : BackgroundService
{
    private const int PageSize = 200; // the longest a booking beside it may have to wait for: a few milliseconds
    private static readonly Guid Last = Guid.AllBitsSet;

    // What was found so long after the next round was due says nothing any more.
    private static readonly TimeSpan Stale = TimeSpan.FromMinutes(5);

    // A booking may become visible so much later than its id says: it was begun by a slow statement, or by a clock that is behind.
    private static readonly TimeSpan Late = TimeSpan.FromSeconds(15);

    // Settled: no saga works on it, and the last one has ended a while ago. Overdue: nobody has driven it for a minute.
    private const string Facts = """
        SELECT b.id, b.status,
               b.live OR coalesce(c.live, false) OR greatest(b.finished_at, c.finished_at) > now() - interval '3 seconds',
               (b.live AND b.next_at < now() - interval '1 minute') OR (coalesce(c.live, false) AND c.next_at < now() - interval '1 minute')
        FROM booking b LEFT JOIN cancellation c ON c.booking_id = b.id
        """;

    private const string PageSql = $"{Facts} WHERE b.id > $1 ORDER BY b.id LIMIT $2";
    private const string AgainSql = $"{Facts} WHERE b.id = ANY ($1)";

    private readonly ConcurrentDictionary<(string Invariant, string Subject), Finding> _findings = new();
    private Guid _cursor = Guid.Empty;
    private Guid _recent = Guid.Empty;
    private int _round;
    private DateTimeOffset _nextCheck = DateTimeOffset.MinValue;

    /// <summary>What does not hold at the moment.</summary>
    internal IReadOnlyCollection<Finding> Findings => [.. _findings.Values];

    /// <summary>When the last round ended; null before the first.</summary>
    internal DateTimeOffset? LastRound { get; private set; }

    /// <summary>One round.</summary>
    internal async Task RoundAsync(CancellationToken ct)
    {
        DateTimeOffset begun = time.GetUtcNow();
        if (_round++ % options.Value.RoundsPerCheck == 0 && begun >= _nextCheck)
        {
            Violations booking = await bookings.CheckAsync(new CheckRequest(), cancellationToken: ct), payment = await payments.CheckAsync(new CheckRequest(), cancellationToken: ct);
            Replace(subject => !subject.StartsWith("booking ", StringComparison.Ordinal), [.. booking.Violations_, .. payment.Violations_]);
            _nextCheck = begun + ((time.GetUtcNow() - begun) / options.Value.CheckShare);
        }
        (_, Guid settled) = await RangeAsync(Max(_recent, FirstIdOf(begun - options.Value.Recent)), options.Value.RecentPages, ct);
        _recent = Min(settled, FirstIdOf(begun - Late));
        (_cursor, _) = await RangeAsync(_cursor, options.Value.PagesPerRound, ct);
        LastRound = time.GetUtcNow();
    }

    /// <summary>The metric at a moment, UTC. Nothing before the first round, and when none has ended for too long: 0 would say that somebody has looked.</summary>
    internal IEnumerable<Measurement<int>> Measured(DateTimeOffset at) => LastRound is not { } last || at - last > options.Value.Interval + Stale
        ? []
        : AuditRules.Invariants.Select(name => new Measurement<int>(Findings.Count(f => f.Invariant == name), new KeyValuePair<string, object?>("invariant", name)));

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        meters.Create("BookSaga.Customer").CreateObservableGauge(
            "booksaga.invariant.violations",
            () => Measured(time.GetUtcNow()),
            description: "Rows that break an invariant at the moment; 0 for each that holds; nothing while no round has ended of late");
        await migrator.Completion.WaitAsync(stoppingToken);
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await RoundAsync(stoppingToken);
            }
            // No failure ends the audit, not even a row that it can't read.
            catch (Exception e) when (e is not OperationCanceledException || !stoppingToken.IsCancellationRequested)
            {
                LogSkipped(e.Message);
            }
            await Task.Delay(options.Value.Interval, time, stoppingToken);
        }
    }

    // At most so many pages from there on; gives where to go on, or the beginning after the end, and up to where all are settled and right.
    private async Task<(Guid Next, Guid Settled)> RangeAsync(Guid after, int pages, CancellationToken ct)
    {
        Guid? settled = null;
        for (int page = 0; page < pages; page++)
        {
            long start = time.GetTimestamp();
            List<BookingFact> rows = await db.QueryAsync(PageSql, Read, ct, after, PageSize);
            bool end = rows.Count < PageSize;
            Guid until = end ? Last : rows[^1].Id;
            HashSet<Guid> broken = await CompareAsync(after, until, rows, ct);
            int open = rows.FindIndex(row => row.Live || broken.Contains(row.Id));
            settled ??= open < 0 ? null : open == 0 ? after : rows[open - 1].Id;
            if (end)
            {
                return (Guid.Empty, settled ?? until);
            }
            after = until;
            await Task.Delay(time.GetElapsedTime(start), time, ct); // half of the time belongs to others
        }
        return (after, settled ?? after);
    }

    private async Task<HashSet<Guid>> CompareAsync(Guid after, Guid until, List<BookingFact> rows, CancellationToken ct)
    {
        var range = new BookingRange { After = after.ToString(), Until = until.ToString() };
        Task<ClaimFacts> claimFacts = bookings.ClaimsAsync(range, cancellationToken: ct).ResponseAsync;
        Task<PaymentFacts> paymentFacts = payments.DecisionsAsync(range, cancellationToken: ct).ResponseAsync;
        var claims = (await claimFacts).Facts.ToDictionary(f => Guid.Parse(f.BookingId));
        var money = (await paymentFacts).Facts.ToDictionary(f => Guid.Parse(f.BookingId));
        var known = rows.ToDictionary(r => r.Id);
        Guid[] suspects = [.. known.Keys.Union(claims.Keys).Union(money.Keys).Where(id => AuditRules.Broken(known.GetValueOrDefault(id), claims.GetValueOrDefault(id), money.GetValueOrDefault(id)) is not null)];
        var again = suspects.Length == 0 ? [] : (await db.QueryAsync(AgainSql, Read, ct, suspects)).ToDictionary(r => r.Id);
        (Guid Id, (string Invariant, string Detail)? Verdict)[] broken = [.. suspects
            .Select(id => (id, AuditRules.Broken(known.GetValueOrDefault(id), again.GetValueOrDefault(id), claims.GetValueOrDefault(id), money.GetValueOrDefault(id))))
            .Where(x => x.Item2 is not null)];
        Replace(subject => subject.StartsWith("booking ", StringComparison.Ordinal) && Guid.Parse(subject[8..]) is var id && id.CompareTo(after) > 0 && id.CompareTo(until) <= 0,
            [.. broken.Select(x => new Violation { Invariant = x.Verdict!.Value.Invariant, Subject = "booking " + x.Id, Detail = x.Verdict.Value.Detail })]);
        return [.. broken.Select(x => x.Id)];
    }

    private void Replace(Func<string, bool> within, IReadOnlyCollection<Violation> found)
    {
        // A key may come twice: each of a transfer's postings may have something wrong.
        HashSet<(string Invariant, string Subject)> now = [.. found.Select(v => (v.Invariant, v.Subject))];
        foreach ((string Invariant, string Subject) key in _findings.Keys.Where(k => within(k.Subject) && !now.Contains(k)))
        {
            _findings.TryRemove(key, out _);
        }
        foreach (Violation violation in found)
        {
            var finding = new Finding(violation.Invariant, violation.Subject, violation.Detail, time.GetUtcNow());
            if (_findings.TryAdd((violation.Invariant, violation.Subject), finding))
            {
                LogBroken(violation.Invariant, violation.Subject, violation.Detail);
            }
        }
    }

    private static Guid Max(Guid one, Guid other) => one.CompareTo(other) > 0 ? one : other;

    private static Guid Min(Guid one, Guid other) => one.CompareTo(other) < 0 ? one : other;

    // Booking ids are UUIDv7, so they sort by time: the lowest id of a moment.
    private static Guid FirstIdOf(DateTimeOffset moment)
    {
        Span<byte> id = stackalloc byte[16];
        Guid.CreateVersion7(moment).TryWriteBytes(id, bigEndian: true, out _);
        id[6..].Clear();
        return new Guid(id, bigEndian: true);
    }

    private static BookingFact Read(System.Data.Common.DbDataReader row) => new(row.GetGuid(0), row.GetString(1), row.GetBoolean(2), row.GetBoolean(3));

    [LoggerMessage(1, LogLevel.Critical, "Invariant {Invariant} is broken by {Subject}: {Detail}")]
    private partial void LogBroken(string invariant, string subject, string detail);

    [LoggerMessage(2, LogLevel.Warning, "The audit waits: {Reason}")]
    private partial void LogSkipped(string reason);
}
