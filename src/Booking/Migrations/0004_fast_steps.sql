-- What the indexes depend on is kept apart from the status, so that Confirm changes nothing that is indexed and the new row stays beside the old one
-- (a heap-only tuple): docs/performance.md. A generated column cannot disagree with the status.
ALTER TABLE offer
    ADD COLUMN is_open boolean NOT NULL GENERATED ALWAYS AS (status = 'open') STORED,
    ADD COLUMN is_claimed boolean NOT NULL GENERATED ALWAYS AS (status IN ('reserved', 'paid')) STORED;
DROP INDEX offer_search, offer_by_time, offer_to_complete;
-- With the company in the index a deep page is found without reading the offers before it.
CREATE INDEX offer_search ON offer (service_id, datetime, id) INCLUDE (company_id) WHERE is_open;
CREATE INDEX offer_by_time ON offer (datetime, id) INCLUDE (company_id) WHERE is_open;
CREATE INDEX offer_to_complete ON offer (datetime) WHERE is_claimed;
CREATE INDEX company_inactive ON company (id) WHERE NOT active;

-- Who claims is in the offer while it is theirs; a copy here was never read. Every claim is updated once, on its own page.
ALTER TABLE reservation DROP COLUMN customer;
ALTER TABLE reservation SET (fillfactor = 60);

-- Only stored and passed on: kept as it came (json), not taken apart (jsonb).
ALTER TABLE company ALTER COLUMN data TYPE json USING data::json;

-- What is recorded of claims, in the order asked, with the offer and its company where they were held. The columns from the third on are those of
-- offer_view without the client.
CREATE FUNCTION claim_outcomes(p_bookings uuid[], p_offers bigint[], p_customers uuid[])
RETURNS TABLE (
    ord bigint, code text, id bigint, service_id int, name_ru text, name_en text, company_id bigint, company_name text, location double precision[],
    datetime timestamptz, description text, price_minor bigint, status text, cancel_reason text, created_by uuid, updated_by uuid,
    created_at timestamptz, updated_at timestamptz, customer text, company text)
LANGUAGE sql STABLE AS $$
    SELECT i.ord,
           CASE WHEN r.offer_id <> i.offer_id OR r.customer_id <> i.customer_id THEN 'mismatch' ELSE coalesce(r.outcome, 'none') END,
           o.id, o.service_id, s.name_ru, s.name_en, o.company_id, c.name, c.location,
           o.datetime, o.description, o.price_minor, o.status, o.cancel_reason, o.created_by, o.updated_by,
           o.created_at, o.updated_at, NULL::text, c.data::text
    FROM unnest(p_bookings, p_offers, p_customers) WITH ORDINALITY AS i (booking_id, offer_id, customer_id, ord)
    LEFT JOIN reservation r ON r.booking_id = i.booking_id
    LEFT JOIN offer o ON o.id = r.offer_id AND r.outcome = 'held'
    LEFT JOIN company c ON c.id = o.company_id
    LEFT JOIN service s ON s.id = o.service_id
    ORDER BY i.ord
$$;

DROP FUNCTION reserve;
CREATE FUNCTION reserve(p_bookings uuid[], p_offers bigint[], p_customers uuid[], p_customer_data jsonb[], p_allow_past boolean)
RETURNS TABLE (
    ord bigint, code text, id bigint, service_id int, name_ru text, name_en text, company_id bigint, company_name text, location double precision[],
    datetime timestamptz, description text, price_minor bigint, status text, cancel_reason text, created_by uuid, updated_by uuid,
    created_at timestamptz, updated_at timestamptz, customer text, company text)
LANGUAGE plpgsql AS $$
#variable_conflict use_column
BEGIN
    PERFORM 1 FROM offer WHERE id = ANY (p_offers) ORDER BY id FOR UPDATE;

    WITH claimed AS (
        INSERT INTO reservation (booking_id, offer_id, customer_id, outcome, state, live)
        SELECT f.booking_id, f.offer_id, f.customer_id, f.outcome,
               CASE f.outcome WHEN 'held' THEN 'held' ELSE 'none' END, f.outcome = 'held'
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
        RETURNING booking_id, offer_id, customer_id, live
    )
    UPDATE offer o SET status = 'reserved', booking_id = c.booking_id, customer_id = c.customer_id,
        customer = p_customer_data[array_position(p_bookings, c.booking_id)], updated_at = now()
    FROM claimed c WHERE o.id = c.offer_id AND c.live;

    RETURN QUERY SELECT * FROM claim_outcomes(p_bookings, p_offers, p_customers);
END $$;

-- Planned once for each connection, not for each batch; while the tables are young, again from time to time (Query.StepAsync).
ALTER FUNCTION reserve SET plan_cache_mode = force_generic_plan;
ALTER FUNCTION confirm SET plan_cache_mode = force_generic_plan;
ALTER FUNCTION release SET plan_cache_mode = force_generic_plan;
