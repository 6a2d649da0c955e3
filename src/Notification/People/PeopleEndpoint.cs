using BookSaga.Contracts;
using BookSaga.Contracts.People;
using BookSaga.Hosting.Data;
using Grpc.Core;
using Npgsql;

namespace BookSaga.Notification.People;

/// <summary>What notification keeps of a person: mails to them, and mails and events that tell companies of them. The rows stay, without addresses and bodies.</summary>
internal sealed class PeopleEndpoint(NpgsqlDataSource db) : Contracts.People.People.PeopleBase
{
    /// <param name="Subject">Its subject.</param>
    /// <param name="Kind">What it tells of.</param>
    /// <param name="State"><c>waiting</c>, <c>sent</c>, <c>failed</c> or <c>cancelled</c>.</param>
    /// <param name="BookingId">The booking it is about.</param>
    /// <param name="CreatedAt">When it was written, UTC.</param>
    /// <param name="SentAt">When the mail server took it, UTC.</param>
    private sealed record SentMail(string Subject, string Kind, string State, Guid BookingId, DateTimeOffset CreatedAt, DateTimeOffset? SentAt);

    private const string ExportSql = """
        SELECT subject, kind, state, booking_id, created_at, CASE state WHEN 'sent' THEN finished_at END
        FROM (
            SELECT * FROM mail WHERE booking_id = ANY ($1) AND audience = 'client'
            UNION ALL
            SELECT * FROM mail WHERE company_id = ANY ($2) AND audience = 'company' AND ($3 = ANY (to_addresses) OR $3 = ANY (cc_addresses))
        ) m ORDER BY id
        """;

    // One commit. The client's own mails lose everything but their subject, which names service and company; those to companies lose the body, which has the
    // client's name and address. What is not told yet is not told any more.
    private const string EraseClientSql = """
        WITH mails AS (
            UPDATE mail SET text_body = '', html_body = '', calendar = NULL, last_error = NULL,
                to_name = CASE audience WHEN 'company' THEN to_name END,
                to_addresses = CASE audience WHEN 'company' THEN to_addresses ELSE '{}' END,
                cc_addresses = CASE audience WHEN 'company' THEN cc_addresses ELSE '{}' END,
                accepted = CASE audience WHEN 'company' THEN accepted ELSE '{}' END,
                pending = '{}', unsubscribe = NULL,
                state = CASE state WHEN 'waiting' THEN 'cancelled' ELSE state END, finished_at = coalesce(finished_at, now())
            WHERE booking_id = ANY ($1)
            RETURNING id, audience
        ), answers AS (
            UPDATE mail_attempt SET answer = '' WHERE answer <> '' AND mail_id IN (SELECT id FROM mails WHERE audience = 'client')
        ), events AS (
            DELETE FROM webhook_event WHERE booking_id = ANY ($1)
        ), received_events AS (
            UPDATE received SET payload = NULL WHERE booking_id = ANY ($1) AND payload IS NOT NULL
        )
        UPDATE reminder SET booking = NULL, finished_at = coalesce(finished_at, now()), state = CASE state WHEN 'waiting' THEN 'cancelled' ELSE state END
        WHERE booking_id = ANY ($1) AND (booking IS NOT NULL OR state = 'waiting')
        """;

    // Mails to companies go to the others who manage them.
    private const string EraseManagerSql = """
        WITH mails AS (
            UPDATE mail SET to_addresses = array_remove(to_addresses, $2), cc_addresses = array_remove(cc_addresses, $2),
                accepted = array_remove(accepted, $2), pending = array_remove(pending, $2), last_error = NULL,
                state = CASE WHEN state = 'waiting' AND array_remove(pending, $2) = '{}' THEN 'cancelled' ELSE state END,
                finished_at = CASE WHEN state = 'waiting' AND array_remove(pending, $2) = '{}' THEN now() ELSE finished_at END
            WHERE company_id = ANY ($1) AND audience = 'company' AND ($2 = ANY (to_addresses) OR $2 = ANY (cc_addresses))
            RETURNING id
        ), answers AS (
            UPDATE mail_attempt SET answer = '' WHERE answer <> '' AND mail_id IN (SELECT id FROM mails)
        ), webhooks AS (
            UPDATE webhook SET company = jsonb_set(company, '{manager_emails}', (company->'manager_emails') - $2::text)
            WHERE company_id = ANY ($1) AND company->'manager_emails' ? $2
        )
        UPDATE reminder SET booking = jsonb_set(booking, '{snapshot,company,manager_emails}', (booking#>'{snapshot,company,manager_emails}') - $2::text)
        WHERE state = 'waiting' AND (booking#>'{snapshot,company,manager_emails}') ? $2
        """;

    public override async Task Export(Person request, IServerStreamWriter<Piece> responseStream, ServerCallContext context)
    {
        IAsyncEnumerable<SentMail> mails = db.StreamAsync(
            ExportSql,
            row => new SentMail(row.GetString(0), row.GetString(1), row.GetString(2), row.GetGuid(3), row.GetFieldValue<DateTimeOffset>(4), row.Nullable<DateTimeOffset?>(5)),
            context.CancellationToken, Bookings(request), request.CompanyIds.ToArray(), request.Email);
        await foreach (SentMail[] piece in mails.Chunk(500).WithCancellation(context.CancellationToken))
        {
            await responseStream.WriteAsync(new Piece { Json = Json.Write(piece) }, context.CancellationToken);
        }
    }

    public override async Task<Erased> Erase(Person request, ServerCallContext context)
    {
        await db.ExecuteAsync(EraseClientSql, context.CancellationToken, Bookings(request));
        await db.ExecuteAsync(EraseManagerSql, context.CancellationToken, request.CompanyIds.ToArray(), request.Email);
        return new Erased();
    }

    private static Guid[] Bookings(Person request) => [.. request.BookingIds.Select(Guid.Parse)];
}
