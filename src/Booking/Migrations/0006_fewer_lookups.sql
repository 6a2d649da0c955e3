-- Which request made an offer is apart from it: a reservation writes the offer into every index anew, and this one's keys are random.
CREATE TABLE offer_operation (
    operation_id uuid PRIMARY KEY,
    offer_id     bigint NOT NULL
);
INSERT INTO offer_operation SELECT operation_id, id FROM offer;
ALTER TABLE offer DROP COLUMN operation_id;

-- Only stored and passed on: kept as it came, not taken apart. The view is made anew because it reads the column.
DROP VIEW offer_view;
ALTER TABLE offer ALTER COLUMN customer TYPE json USING customer::json;
CREATE VIEW offer_view AS
SELECT o.id, o.service_id, s.name_ru, s.name_en, o.company_id, c.name AS company_name, c.location, o.datetime, o.description, o.price_minor,
       o.status, o.cancel_reason, o.created_by, o.updated_by, o.created_at, o.updated_at, o.customer::text AS customer, o.customer_id, c.active
FROM offer o
JOIN company c ON c.id = o.company_id
JOIN service s ON s.id = o.service_id;

-- As before, but what is claimed here is answered as it was written, without looking for it again. A booking that has no row in the answer has an outcome from
-- before, which claim_outcomes tells. No two parts of the statement are joined: their rows cannot be estimated, and nested loops over them cost more than they save.
DROP FUNCTION reserve;
CREATE FUNCTION reserve(p_bookings uuid[], p_offers bigint[], p_customers uuid[], p_customer_data json[], p_allow_past boolean)
RETURNS TABLE (
    ord bigint, code text, id bigint, service_id int, name_ru text, name_en text, company_id bigint, company_name text, location double precision[],
    datetime timestamptz, description text, price_minor bigint, status text, cancel_reason text, created_by uuid, updated_by uuid,
    created_at timestamptz, updated_at timestamptz, customer text, company text)
LANGUAGE plpgsql AS $$
#variable_conflict use_column
BEGIN
    PERFORM 1 FROM offer WHERE id = ANY (p_offers) ORDER BY id FOR UPDATE;

    RETURN QUERY
    WITH claimed AS (
        INSERT INTO reservation (booking_id, offer_id, customer_id, outcome, state, live)
        SELECT f.booking_id, f.offer_id, f.customer_id, f.outcome, CASE f.outcome WHEN 'held' THEN 'held' ELSE 'none' END, f.outcome = 'held'
        FROM (
            SELECT i.booking_id, i.offer_id, i.customer_id,
                   CASE WHEN o.id IS NULL THEN 'not_found'
                        WHEN o.status = 'open' AND c.active AND (p_allow_past OR o.datetime > now())
                             AND row_number() OVER (PARTITION BY i.offer_id ORDER BY i.ord) = 1 THEN 'held'
                        ELSE 'taken' END AS outcome
            FROM (
                SELECT DISTINCT ON (u.booking_id) u.*
                FROM unnest(p_bookings, p_offers, p_customers) WITH ORDINALITY AS u (booking_id, offer_id, customer_id, ord)
                ORDER BY u.booking_id, u.ord
            ) i
            LEFT JOIN offer o ON o.id = i.offer_id
            LEFT JOIN company c ON c.id = o.company_id
            WHERE NOT EXISTS (SELECT FROM reservation r WHERE r.booking_id = i.booking_id)
        ) f
        ON CONFLICT (booking_id) DO NOTHING
        RETURNING booking_id, offer_id, customer_id, outcome, live
    ), held AS (
        UPDATE offer o SET status = 'reserved', booking_id = c.booking_id, customer_id = c.customer_id,
            customer = p_customer_data[array_position(p_bookings, c.booking_id)], updated_at = now()
        FROM claimed c WHERE o.id = c.offer_id AND c.live
        RETURNING o.*
    )
    SELECT array_position(p_bookings, h.booking_id)::bigint, 'held', h.id, h.service_id, s.name_ru, s.name_en, h.company_id, c.name, c.location,
           h.datetime, h.description, h.price_minor, h.status, h.cancel_reason, h.created_by, h.updated_by,
           h.created_at, h.updated_at, NULL::text, c.data::text
    FROM held h JOIN company c ON c.id = h.company_id JOIN service s ON s.id = h.service_id
    UNION ALL
    SELECT array_position(p_bookings, c.booking_id), c.outcome, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
           NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL
    FROM claimed c WHERE NOT c.live;
END $$;
ALTER FUNCTION reserve SET plan_cache_mode = force_generic_plan;

CREATE OR REPLACE FUNCTION confirm(p_bookings uuid[], p_offers bigint[], p_customers uuid[])
RETURNS TABLE (ord bigint, code text, reason text)
LANGUAGE plpgsql AS $$
#variable_conflict use_column
BEGIN
    PERFORM 1 FROM offer WHERE id = ANY (p_offers) ORDER BY id FOR UPDATE;

    RETURN QUERY
    WITH asked AS (
        SELECT * FROM unnest(p_bookings, p_offers, p_customers) WITH ORDINALITY AS u (booking_id, offer_id, customer_id, ord)
    ), confirmed AS (
        UPDATE reservation r SET state = 'paid', paid_at = now()
        FROM asked i, offer o
        WHERE r.booking_id = i.booking_id AND r.offer_id = i.offer_id AND r.customer_id = i.customer_id AND r.state = 'held'
          AND o.id = r.offer_id AND o.status = 'reserved' AND o.booking_id = r.booking_id
        RETURNING r.booking_id, r.offer_id, r.customer_id
    ), paid AS (
        UPDATE offer o SET status = 'paid', updated_at = now() FROM confirmed f WHERE o.id = f.offer_id
    )
    SELECT a.ord,
           CASE WHEN f.booking_id IS NOT NULL THEN 'done'
                WHEN r.booking_id IS NULL THEN 'gone'
                WHEN r.offer_id <> a.offer_id OR r.customer_id <> a.customer_id THEN 'mismatch'
                WHEN r.paid_at IS NOT NULL THEN 'done' ELSE 'gone' END,
           coalesce(r.reason, '')
    FROM asked a
    LEFT JOIN confirmed f ON f.booking_id = a.booking_id AND f.offer_id = a.offer_id AND f.customer_id = a.customer_id
    -- What was not confirmed just now, as it was before.
    LEFT JOIN LATERAL (SELECT * FROM reservation k WHERE f.booking_id IS NULL AND k.booking_id = a.booking_id OFFSET 0) r ON true
    ORDER BY a.ord;
END $$;
ALTER FUNCTION confirm SET plan_cache_mode = force_generic_plan;
