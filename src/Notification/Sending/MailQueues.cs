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
    private const string DescribeSql = """
        SELECT count(*) FILTER (WHERE state = 'waiting'), count(*) FILTER (WHERE state = 'waiting' AND last_error IS NOT NULL), count(*) FILTER (WHERE state = 'failed'),
               min(created_at) FILTER (WHERE state = 'waiting'), (array_agg(last_error ORDER BY finished_at DESC NULLS FIRST))[1]
        FROM mail WHERE state <> 'sent'
        """;

    private const string DeadSql = """
        SELECT m.event_id || '/' || m.audience, r.type, m.booking_id, m.created_at, m.attempts, coalesce(m.last_error, '')
        FROM mail m JOIN received r USING (event_id) WHERE m.state = 'failed' ORDER BY m.created_at LIMIT $1
        """;

    // Once more to those who have not got it; its time has passed, so it either goes now or has failed again.
    private const string ReplaySql = """
        UPDATE mail SET state = 'waiting', next_at = $2, finished_at = NULL,
            pending = ARRAY(SELECT a FROM unnest(to_addresses || cc_addresses) a WHERE a <> ALL (accepted))
        WHERE state = 'failed' AND event_id || '/' || audience = ANY($1)
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
                context.CancellationToken),
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
                context.CancellationToken, request.Limit),
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

/// <summary>The mails of a booking, for its saga's page.</summary>
internal sealed class MailsEndpoint(NpgsqlDataSource db) : Contracts.Queues.Mails.MailsBase
{
    private const string Sql = """
        SELECT audience, message_id, state, attempts, coalesce(last_error, ''), created_at, finished_at FROM mail WHERE booking_id = $1 ORDER BY created_at, audience
        """;

    public override async Task<MailList> OfBooking(BookingMails request, ServerCallContext context) => new()
    {
        Mails =
        {
            await db.QueryAsync(
                Sql,
                row => new Contracts.Queues.Mail
                {
                    Audience = row.GetString(0), MessageId = row.GetString(1), State = row.GetString(2), Attempts = row.GetInt32(3), LastError = row.GetString(4),
                    CreatedAt = Timestamp.FromDateTimeOffset(row.GetFieldValue<DateTimeOffset>(5)),
                    FinishedAt = row.Nullable<DateTimeOffset?>(6) is { } finished ? Timestamp.FromDateTimeOffset(finished) : null,
                },
                context.CancellationToken, Guid.Parse(request.BookingId)),
        },
    };
}
