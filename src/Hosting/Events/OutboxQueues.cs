using System.Globalization;
using BookSaga.Contracts.Queues;
using BookSaga.Hosting.Data;
using BookSaga.Hosting.Events.Broker;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Npgsql;

namespace BookSaga.Hosting.Events;

/// <summary>
/// The outbox, and what this service could not take, as operators see them. An event is never given up; one that was refused
/// <see cref="DeadAfter"/> times is shown as a dead letter.
/// </summary>
internal sealed class OutboxQueues(NpgsqlDataSource db, DeadLetterBox? inbound = null) : Queues.QueuesBase
{
    /// <summary>Refusals after which somebody should look: about a minute.</summary>
    internal const int DeadAfter = 5;

    private const string DescribeSql = """
        SELECT destination, count(*), count(*) FILTER (WHERE attempts > 0), count(*) FILTER (WHERE attempts >= $1), min(created_at),
               (array_agg(last_error ORDER BY attempts DESC))[1]
        FROM outbox GROUP BY destination ORDER BY destination
        """;

    private const string DeadSql = """
        SELECT id, destination, type, coalesce(payload->>'booking_id', ''), created_at, attempts, coalesce(last_error, '')
        FROM outbox WHERE attempts >= $1 ORDER BY id LIMIT $2
        """;

    private const string ReplaySql = "UPDATE outbox SET attempts = 0, next_at = now() WHERE id = ANY($1) AND attempts >= $2";

    public override async Task<QueueList> Describe(DescribeQueues request, ServerCallContext context) => new()
    {
        Queues =
        {
            await db.QueryAsync(
                DescribeSql,
                row => new Queue
                {
                    Name = row.GetString(0), Waiting = row.GetInt64(1), Refused = row.GetInt64(2), Dead = row.GetInt64(3),
                    Oldest = Timestamp.FromDateTimeOffset(row.GetFieldValue<DateTimeOffset>(4)), LastError = row.Nullable<string>(5) ?? "",
                },
                context.CancellationToken, DeadAfter),
            inbound is null ? [] : await inbound.DescribeAsync(context.CancellationToken),
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
                    Id = row.GetInt64(0).ToString(CultureInfo.InvariantCulture), Queue = row.GetString(1), Type = row.GetString(2), BookingId = row.GetString(3),
                    CreatedAt = Timestamp.FromDateTimeOffset(row.GetFieldValue<DateTimeOffset>(4)), Attempts = row.GetInt32(5), LastError = row.GetString(6),
                },
                context.CancellationToken, DeadAfter, request.Limit),
            inbound is null ? [] : await inbound.ListAsync(request.Limit, context.CancellationToken),
        },
    };

    public override async Task<Replayed> Replay(ReplayDeadLetters request, ServerCallContext context)
    {
        long[] ids = [.. request.Ids.Where(id => long.TryParse(id, out _)).Select(id => long.Parse(id, CultureInfo.InvariantCulture))];
        int count = await db.ExecuteAsync(ReplaySql, CancellationToken.None, ids, DeadAfter);
        return new Replayed { Count = count + (inbound is null ? 0 : await inbound.ReplayAsync(request.Ids, CancellationToken.None)) };
    }
}
