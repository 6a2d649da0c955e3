namespace BookSaga.Notification.Webhooks;

/// <summary>
/// The part of the unfolding statement that makes deliveries. It hangs on the inbox row (<c>arrived</c>), so the event's mark and its deliveries are one
/// commit: none is lost, and a redelivery makes none.
/// </summary>
internal static class WebhookIntake
{
    /// <summary>Common table expressions: <c>$2</c> is the time, <c>$6</c> a JSON array of <see cref="WebhookEvent"/>.</summary>
    internal const string Sql = """
        told AS (
            SELECT DISTINCT ON (event_id) event_id, booking_id, t.company_id, t.type, t.occurred_at, t.body, t.company
            FROM jsonb_to_recordset($6::jsonb) AS t(event_id uuid, company_id bigint, type text, occurred_at timestamptz, body text, company jsonb)
            JOIN arrived USING (event_id)
            WHERE EXISTS (SELECT FROM webhook w WHERE w.company_id = t.company_id)),
        kept AS (
            INSERT INTO webhook_event (event_id, company_id, booking_id, type, occurred_at, received_at, body)
            SELECT event_id, company_id, booking_id, type, occurred_at, $2, body FROM told),
        queued AS (
            INSERT INTO webhook_delivery (webhook_id, event_id, next_at, queued_at)
            SELECT w.id, told.event_id, $2, $2 FROM told JOIN webhook w USING (company_id) WHERE w.active AND told.type = ANY(w.event_types)
            RETURNING 1),
        known AS (
            UPDATE webhook w SET company = newest.company, company_version = newest.version
            FROM (SELECT DISTINCT ON (company_id) company_id, company, (company->>'version')::bigint AS version FROM told ORDER BY company_id, version DESC) newest
            WHERE w.company_id = newest.company_id AND w.company_version < newest.version)
        """;
}
