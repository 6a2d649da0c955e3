using BookSaga.Contracts.Queues;
using BookSaga.Hosting.Data;
using BookSaga.Hosting.Events.Broker;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Npgsql;

namespace BookSaga.Notification.Sending;

/// <summary>
/// The mails as operators see them, and events that could not be taken; a dead letter is one of those, or a mail that failed for good.
/// A mail's id is the event's and the audience.
/// </summary>
internal sealed class MailQueues(NpgsqlDataSource db, MailQueue queue, DeadLetterBox inbound, TimeProvider time) : Queues.QueuesBase
{
    // A reminder whose appointment has begun is no dead letter, and neither is a mail whose person was forgotten: nobody can help it any more.
    private const string IsDead = $"state = 'failed' AND (expires_at IS NULL OR expires_at > $1) AND {MailQueue.IsWhole}";

    private const string DescribeSql = $"""
        SELECT count(*) FILTER (WHERE state = 'waiting'), count(*) FILTER (WHERE state = 'waiting' AND last_error IS NOT NULL), count(*) FILTER (WHERE {IsDead}),
               min(coalesce(resent_at, created_at)) FILTER (WHERE state = 'waiting'),
               (array_agg(last_error ORDER BY finished_at DESC NULLS FIRST) FILTER (WHERE last_error IS NOT NULL))[1]
        FROM mail WHERE state IN ('waiting', 'failed')
        """;

    private const string DeadSql = $"""
        SELECT event_id || '/' || audience, kind, booking_id, created_at, attempts, coalesce(last_error, '')
        FROM mail WHERE {IsDead} ORDER BY created_at LIMIT $2
        """;

    // Once more to those who have not got it; its time has passed, so it either goes now or has failed again.
    private const string ReplaySql = $"""
        UPDATE mail SET state = 'waiting', next_at = $2, finished_at = NULL,
            pending = ARRAY(SELECT a FROM unnest(to_addresses || cc_addresses) a WHERE a <> ALL (accepted))
        WHERE state = 'failed' AND event_id || '/' || audience = ANY($1) AND {MailQueue.IsWhole}
        """;

    public override async Task<QueueList> Describe(DescribeQueues request, ServerCallContext context) => new()
    {
        Queues =
        {
            await db.QueryAsync(
                DescribeSql,
                row => new Queue
                {
                    Name = "mail", Waiting = row.GetInt64(0), Refused = row.GetInt64(1), Dead = row.GetInt64(2),
                    Oldest = row.Nullable<DateTimeOffset?>(3) is { } oldest ? Timestamp.FromDateTimeOffset(oldest) : null, LastError = row.Nullable<string>(4) ?? "",
                },
                context.CancellationToken, time.GetUtcNow()),
            await inbound.DescribeAsync(context.CancellationToken),
        },
    };

    public override async Task<DeadLetterList> DeadLetters(ListDeadLetters request, ServerCallContext context) => new()
    {
        Letters =
        {
            await db.QueryAsync(
                DeadSql,
                row => new DeadLetter
                {
                    Id = row.GetString(0), Queue = "mail", Type = row.GetString(1), BookingId = row.GetGuid(2).ToString(),
                    CreatedAt = Timestamp.FromDateTimeOffset(row.GetFieldValue<DateTimeOffset>(3)), Attempts = row.GetInt32(4), LastError = row.GetString(5),
                },
                context.CancellationToken, time.GetUtcNow(), request.Limit),
            await inbound.ListAsync(request.Limit, context.CancellationToken),
        },
    };

    public override async Task<Replayed> Replay(ReplayDeadLetters request, ServerCallContext context)
    {
        int count = await db.ExecuteAsync(ReplaySql, CancellationToken.None, request.Ids.ToArray(), time.GetUtcNow());
        queue.Signal();
        return new Replayed { Count = count + await inbound.ReplayAsync(request.Ids, CancellationToken.None) };
    }
}
