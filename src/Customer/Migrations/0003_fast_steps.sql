-- What is only stored and passed on is kept as it came (json), not taken apart (jsonb). The company has a column of its own.
DROP VIEW saga;
DROP INDEX booking_by_company;
ALTER TABLE booking
    ALTER COLUMN customer TYPE json USING customer::json,
    ALTER COLUMN snapshot TYPE json USING snapshot::json,
    ADD COLUMN company_id bigint;
UPDATE booking SET company_id = (snapshot->'offer'->>'company_id')::bigint WHERE snapshot IS NOT NULL;
CREATE INDEX booking_by_company ON booking (company_id, id) WHERE company_id IS NOT NULL;

CREATE VIEW saga AS
SELECT b.id, 'booking' AS kind, b.status, b.live, b.customer_id, b.offer_id, b.company_id,
       b.attempts, b.epoch, b.next_at, b.deadline, b.last_step, b.last_error, b.reason, b.created_at, b.finished_at
FROM booking b
UNION ALL
SELECT b.id, 'cancellation', c.status, c.live, b.customer_id, b.offer_id, b.company_id,
       c.attempts, c.epoch, c.next_at, c.deadline, c.last_step, c.last_error, c.reason, c.created_at, c.finished_at
FROM cancellation c JOIN booking b ON b.id = c.booking_id;

-- The saga's first commit. The profile's words go before the token's; the starter holds the lease from the first moment. An id that is there already
-- is not given back. Choreographed, the booking is asked for by event in the same commit.
CREATE FUNCTION begin_bookings(
    p_ids uuid[], p_customers uuid[], p_offers bigint[], p_first_names text[], p_last_names text[], p_emails text[], p_lease interval, p_deadline interval, p_asked_as text)
RETURNS SETOF booking
LANGUAGE plpgsql AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    WITH begun AS (
        INSERT INTO booking (id, customer_id, offer_id, customer, next_at, deadline)
        SELECT i.id, i.customer_id, i.offer_id,
               json_strip_nulls(json_build_object(
                   'id', i.customer_id, 'first_name', coalesce(p.first_name, i.first_name), 'last_name', coalesce(p.last_name, i.last_name),
                   'email', i.email, 'locale', p.locale, 'time_zone', p.time_zone)),
               now() + p_lease, now() + p_deadline
        FROM unnest(p_ids, p_customers, p_offers, p_first_names, p_last_names, p_emails) AS i (id, customer_id, offer_id, first_name, last_name, email)
        LEFT JOIN profile p ON p.id = i.customer_id
        ON CONFLICT (id) DO NOTHING
        RETURNING *
    ), asked AS (
        INSERT INTO outbox (destination, type, payload)
        SELECT 'booking', p_asked_as, json_build_object('booking_id', b.id, 'offer_id', b.offer_id, 'customer', b.customer)
        FROM begun b WHERE p_asked_as IS NOT NULL
    )
    SELECT * FROM begun;
END $$;

-- The saga's last commit, guarded by the epoch: a driver that lost its lease changes nothing. The event is what the row then says
-- (BookSaga.Contracts.BookingFinished).
CREATE FUNCTION finish_bookings(
    p_ids uuid[], p_epochs int[], p_reasons text[], p_prices bigint[], p_companies bigint[], p_snapshots json[], p_refundable timestamptz[], p_paid_as text, p_failed_as text)
RETURNS TABLE (id uuid, epoch int, finished_at timestamptz)
LANGUAGE plpgsql AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    WITH ended AS (
        UPDATE booking b
        SET live = false, status = CASE WHEN i.reason IS NULL THEN 'paid' ELSE 'failed' END, reason = i.reason, price_minor = i.price_minor,
            company_id = i.company_id, snapshot = i.snapshot, refundable_until = i.refundable_until, finished_at = now(), last_error = NULL
        FROM unnest(p_ids, p_epochs, p_reasons, p_prices, p_companies, p_snapshots, p_refundable) AS i (id, epoch, reason, price_minor, company_id, snapshot, refundable_until)
        WHERE b.id = i.id AND b.epoch = i.epoch AND b.live
        RETURNING b.*
    ), told AS (
        INSERT INTO outbox (destination, type, payload)
        SELECT 'notification', CASE WHEN e.reason IS NULL THEN p_paid_as ELSE p_failed_as END,
               json_build_object(
                   'booking_id', e.id, 'offer_id', e.offer_id, 'customer', e.customer, 'snapshot', e.snapshot, 'price_minor', coalesce(e.price_minor, 0),
                   'reason', e.reason, 'cancelled_by', NULL, 'refunded_minor', 0, 'occurred_at', e.finished_at)
        FROM ended e
    )
    SELECT e.id, e.epoch, e.finished_at FROM ended e;
END $$;

-- Planned once for each connection, not for each batch; while the tables are young, again from time to time (Query.StepAsync).
ALTER FUNCTION begin_bookings SET plan_cache_mode = force_generic_plan;
ALTER FUNCTION finish_bookings SET plan_cache_mode = force_generic_plan;
