using BookSaga.Contracts;
using BookSaga.Contracts.Queues;
using BookSaga.Hosting.Data;
using BookSaga.Hosting.Http;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Npgsql;

namespace BookSaga.Notification.Sending;

/// <summary>The ledger of mails: those of a booking, for its saga's page; those of a company, for itself; all of them, for operators. And sending one again.</summary>
internal sealed class MailsEndpoint(NpgsqlDataSource db, MailQueue queue, TimeProvider time) : Contracts.Queues.Mails.MailsBase
{
    // Against a mailbox flooded by a button; somebody who needs more has another problem than a lost mail.
    private const int MaxResends = 10;

    private const string OfBookingSql = """
        SELECT audience, message_id, state, attempts, coalesce(last_error, ''), created_at, finished_at, id, kind FROM mail WHERE booking_id = $1 ORDER BY created_at, audience
        """;

    // A server that puts a mail off for days leaves thousands of attempts; the last fifty tell as much.
    private const string ListSql = """
        SELECT m.id, m.booking_id, m.company_id, m.kind, m.audience, m.subject, m.to_addresses, m.cc_addresses, m.message_id, m.state, m.reason, m.last_error,
            m.attempts, m.resends, m.created_at, m.finished_at, coalesce(log.lines, '[]')
        FROM mail m LEFT JOIN LATERAL (
            SELECT json_agg(json_build_object('at', a.at, 'attempt', a.attempt, 'outcome', a.outcome, 'reason', a.reason, 'answer', a.answer) ORDER BY a.id)::text AS lines
            FROM (SELECT * FROM mail_attempt WHERE mail_id = m.id ORDER BY id DESC LIMIT 50) a) log ON true
        """;

    private const string PageSql = "ORDER BY m.id DESC LIMIT $5 OFFSET $6";

    // Once more to everybody, whoever has got it: a mail that was taken may have been lost behind the server.
    private const string ResendSql = $"""
        WITH found AS (SELECT id, state, expires_at, resends FROM mail WHERE id = $1 AND ($2 = 0 OR company_id = $2) AND ($3 = '' OR audience = $3) FOR UPDATE),
        again AS (
            UPDATE mail m SET state = 'waiting', pending = to_addresses || cc_addresses, accepted = ARRAY[]::text[], next_at = $4, finished_at = NULL,
                resends = m.resends + 1, resent_at = $4
            FROM found f WHERE m.id = f.id AND f.state IN ('sent', 'failed') AND (f.expires_at IS NULL OR f.expires_at > $4) AND f.resends < $5 AND {MailQueue.IsWhole}
            RETURNING m.resends)
        SELECT f.state, f.resends, (SELECT resends FROM again) FROM found f
        """;

    public override async Task<MailList> OfBooking(BookingMails request, ServerCallContext context) => new()
    {
        Mails =
        {
            await db.QueryAsync(
                OfBookingSql,
                row => new Contracts.Queues.Mail
                {
                    Audience = row.GetString(0), MessageId = row.GetString(1), State = row.GetString(2), Attempts = row.GetInt32(3), LastError = row.GetString(4),
                    CreatedAt = Timestamp.FromDateTimeOffset(row.GetFieldValue<DateTimeOffset>(5)),
                    FinishedAt = row.Nullable<DateTimeOffset?>(6) is { } finished ? Timestamp.FromDateTimeOffset(finished) : null,
                    Id = row.GetInt64(7), Kind = row.GetString(8),
                },
                context.CancellationToken, Guid.Parse(request.BookingId)),
        },
    };

    public override async Task<MailsJson> List(ListMails request, ServerCallContext context)
    {
        var page = new Page(request.Page, request.Limit);
        List<MailEntry> mails = await db.QueryAsync(
            $"{ListSql} WHERE {Condition(request)} {PageSql}",
            row => new MailEntry(
                row.GetInt64(0), row.GetGuid(1), row.GetInt64(2), row.GetString(3), row.GetString(4), row.GetString(5), row.GetFieldValue<string[]>(6),
                row.GetFieldValue<string[]>(7), row.GetString(8), row.GetString(9), row.Nullable<string>(10), row.Nullable<string>(11), row.GetInt32(12), row.GetInt32(13),
                row.GetFieldValue<DateTimeOffset>(14), row.Nullable<DateTimeOffset?>(15), Json.Read<MailAttempt[]>(row.GetString(16))),
            context.CancellationToken, request.CompanyId, request.Audience, request.State,
            new NpgsqlParameter { Value = request.BookingId.Length == 0 ? DBNull.Value : Guid.Parse(request.BookingId), NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Uuid },
            page.Limit, page.Offset);
        return new MailsJson { Json = Json.Write(mails) };
    }

    // A statement for each kind of question, so that each has a plan of its own.
    private static string Condition(ListMails request) => string.Join(
        " AND ",
        request.CompanyId == 0 ? "$1 = 0" : "m.company_id = $1",
        request.Audience.Length == 0 ? "$2 = ''" : "m.audience = $2",
        request.State.Length == 0 ? "$3 = ''" : "m.state = $3",
        request.BookingId.Length == 0 ? "$4::uuid IS NULL" : "m.booking_id = $4");

    public override async Task<ResendOutcome> Resend(ResendMail request, ServerCallContext context)
    {
        (string State, int Resends, int? Again)? found = await db.QueryFirstAsync<(string, int, int?)?>(
            ResendSql, row => (row.GetString(0), row.GetInt32(1), row.Nullable<int?>(2)), CancellationToken.None,
            request.Id, request.CompanyId, request.Audience, time.GetUtcNow(), MaxResends);
        if (found is { Again: { } number })
        {
            queue.Signal();
            return new ResendOutcome { Code = ResendOutcome.Types.Code.Queued, Number = number };
        }
        return new ResendOutcome
        {
            Code = found switch
            {
                null => ResendOutcome.Types.Code.NotFound,
                { State: "waiting" } => ResendOutcome.Types.Code.Waiting,
                { Resends: >= MaxResends } => ResendOutcome.Types.Code.Limit,
                _ => ResendOutcome.Types.Code.Expired,
            },
        };
    }
}
