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

    // By itself and first: whatever is unfolded from here on finds it.
    private const string ForgetSql = "INSERT INTO erased_booking SELECT unnest($1) ON CONFLICT DO NOTHING";

    // One commit of several statements, each of which sees what the one before has waited for: what is being made of events, then of reminders, then what is being
    // recorded of mails. The client's own mails lose everything but their subject, which names service and company; those to companies lose the body, which has
    // the client's name and address. What is not told yet is not told any more.
    private static readonly string[] EraseClientSql =
    [
        "UPDATE received SET payload = NULL WHERE booking_id = ANY ($1) AND payload IS NOT NULL",
        """
        UPDATE reminder SET booking = NULL, finished_at = coalesce(finished_at, now()), state = CASE state WHEN 'waiting' THEN 'cancelled' ELSE state END
        WHERE booking_id = ANY ($1) AND (booking IS NOT NULL OR state = 'waiting')
        """,
        """
        UPDATE mail SET text_body = '', html_body = '', calendar = NULL, last_error = NULL,
            to_name = CASE audience WHEN 'company' THEN to_name END,
            to_addresses = CASE audience WHEN 'company' THEN to_addresses ELSE '{}' END,
            cc_addresses = CASE audience WHEN 'company' THEN cc_addresses ELSE '{}' END,
            accepted = CASE audience WHEN 'company' THEN accepted ELSE '{}' END,
            pending = '{}', unsubscribe = NULL,
            state = CASE state WHEN 'waiting' THEN 'cancelled' ELSE state END, finished_at = coalesce(finished_at, now())
        WHERE booking_id = ANY ($1)
        """,
        "UPDATE mail_attempt SET answer = '' WHERE answer <> '' AND mail_id IN (SELECT id FROM mail WHERE booking_id = ANY ($1) AND audience = 'client')",
        "DELETE FROM webhook_event WHERE booking_id = ANY ($1)",
        "DELETE FROM dead_letter USING unnest($1) AS b WHERE position(convert_to(b::text, 'UTF8') IN payload) > 0",
    ];

    // In the same way. Mails to companies go to the others who manage them.
    private static readonly string[] EraseManagerSql =
    [
        """
        UPDATE received SET payload = jsonb_set(payload::jsonb, '{snapshot,company,manager_emails}', (payload::jsonb#>'{snapshot,company,manager_emails}') - $2::text)::json
        WHERE payload IS NOT NULL AND (payload#>'{snapshot,company,manager_emails}')::jsonb ? $2
        """,
        """
        UPDATE reminder SET booking = jsonb_set(booking, '{snapshot,company,manager_emails}', (booking#>'{snapshot,company,manager_emails}') - $2::text)
        WHERE state = 'waiting' AND (booking#>'{snapshot,company,manager_emails}') ? $2
        """,
        """
        UPDATE webhook SET company = jsonb_set(company, '{manager_emails}', (company->'manager_emails') - $2::text)
        WHERE company_id = ANY ($1) AND company->'manager_emails' ? $2
        """,
        "SELECT FROM mail WHERE company_id = ANY ($1) AND audience = 'company' AND ($2 = ANY (to_addresses) OR $2 = ANY (cc_addresses)) FOR UPDATE",
        """
        WITH mails AS (
            UPDATE mail SET to_addresses = array_remove(to_addresses, $2), cc_addresses = array_remove(cc_addresses, $2),
                accepted = array_remove(accepted, $2), pending = array_remove(pending, $2), last_error = NULL,
                state = CASE WHEN state = 'waiting' AND array_remove(pending, $2) = '{}' THEN 'cancelled' ELSE state END,
                finished_at = CASE WHEN state = 'waiting' AND array_remove(pending, $2) = '{}' THEN now() ELSE finished_at END
            WHERE company_id = ANY ($1) AND audience = 'company' AND ($2 = ANY (to_addresses) OR $2 = ANY (cc_addresses))
            RETURNING id)
        UPDATE mail_attempt SET answer = '' WHERE answer <> '' AND mail_id IN (SELECT id FROM mails)
        """,
    ];

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
        Guid[] bookings = Bookings(request);
        await db.ExecuteAsync(ForgetSql, context.CancellationToken, bookings);
        await InOneCommitAsync(EraseClientSql, context.CancellationToken, bookings);
        await InOneCommitAsync(EraseManagerSql, context.CancellationToken, request.CompanyIds.ToArray(), request.Email);
        return new Erased();
    }

    private async Task InOneCommitAsync(string[] statements, CancellationToken ct, params object[] args)
    {
        await using NpgsqlConnection connection = await db.OpenConnectionAsync(ct);
        await using NpgsqlTransaction transaction = await connection.BeginTransactionAsync(ct);
        foreach (string sql in statements)
        {
            await using NpgsqlCommand statement = connection.Sql(sql, args);
            await statement.ExecuteNonQueryAsync(ct);
        }
        await transaction.CommitAsync(ct);
    }

    private static Guid[] Bookings(Person request) => [.. request.BookingIds.Select(Guid.Parse)];
}
