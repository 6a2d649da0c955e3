-- The saga's participant steps, one call and one commit for a batch. All take locks in the order of offer ids, then act.
-- Callers pass the customer with the booking, and nothing is done to a claim that is not theirs.

CREATE FUNCTION reserve(p_bookings uuid[], p_offers bigint[], p_customers uuid[], p_customer_data jsonb[], p_allow_past boolean)
RETURNS TABLE (ord bigint, code text, offer offer_view, company jsonb)
LANGUAGE plpgsql AS $$
#variable_conflict use_column
BEGIN
    PERFORM 1 FROM offer WHERE id = ANY (p_offers) ORDER BY id FOR UPDATE;

    INSERT INTO reservation (booking_id, offer_id, customer_id, customer, outcome, state, live)
    SELECT f.booking_id, f.offer_id, f.customer_id, f.customer, f.outcome,
           CASE f.outcome WHEN 'held' THEN 'held' ELSE 'none' END, f.outcome = 'held'
    FROM (
        SELECT i.booking_id, i.offer_id, i.customer_id, i.customer,
               CASE WHEN o.id IS NULL THEN 'not_found'
                    WHEN o.status = 'open' AND c.active AND (p_allow_past OR o.datetime > now())
                         AND row_number() OVER (PARTITION BY i.offer_id ORDER BY i.ord) = 1 THEN 'held'
                    ELSE 'taken' END AS outcome
        FROM (
            SELECT DISTINCT ON (u.booking_id) u.*
            FROM unnest(p_bookings, p_offers, p_customers, p_customer_data) WITH ORDINALITY AS u (booking_id, offer_id, customer_id, customer, ord)
            ORDER BY u.booking_id, u.ord
        ) i
        LEFT JOIN offer o ON o.id = i.offer_id
        LEFT JOIN company c ON c.id = o.company_id
        WHERE NOT EXISTS (SELECT FROM reservation r WHERE r.booking_id = i.booking_id)
    ) f
    ON CONFLICT (booking_id) DO NOTHING;

    UPDATE offer o SET status = 'reserved', booking_id = r.booking_id, customer_id = r.customer_id, customer = r.customer, updated_at = now()
    FROM reservation r
    WHERE r.booking_id = ANY (p_bookings) AND r.state = 'held' AND o.id = r.offer_id AND o.status = 'open';

    RETURN QUERY
    SELECT i.ord,
           CASE WHEN r.offer_id <> i.offer_id OR r.customer_id <> i.customer_id THEN 'mismatch' ELSE r.outcome END,
           v, c.data
    FROM unnest(p_bookings, p_offers, p_customers) WITH ORDINALITY AS i (booking_id, offer_id, customer_id, ord)
    JOIN reservation r ON r.booking_id = i.booking_id
    LEFT JOIN offer_view v ON v.id = r.offer_id AND r.outcome = 'held'
    LEFT JOIN company c ON c.id = v.company_id
    ORDER BY i.ord;
END $$;

CREATE FUNCTION confirm(p_bookings uuid[], p_offers bigint[], p_customers uuid[])
RETURNS TABLE (ord bigint, code text, reason text)
LANGUAGE plpgsql AS $$
#variable_conflict use_column
BEGIN
    PERFORM 1 FROM offer WHERE id = ANY (p_offers) ORDER BY id FOR UPDATE;

    WITH confirmed AS (
        UPDATE reservation r SET state = 'paid', paid_at = now()
        FROM unnest(p_bookings, p_offers, p_customers) AS i (booking_id, offer_id, customer_id), offer o
        WHERE r.booking_id = i.booking_id AND r.offer_id = i.offer_id AND r.customer_id = i.customer_id AND r.state = 'held'
          AND o.id = r.offer_id AND o.status = 'reserved' AND o.booking_id = r.booking_id
        RETURNING r.offer_id
    )
    UPDATE offer o SET status = 'paid', updated_at = now() FROM confirmed WHERE o.id = confirmed.offer_id;

    RETURN QUERY
    SELECT i.ord,
           CASE WHEN r.booking_id IS NULL THEN 'gone'
                WHEN r.offer_id <> i.offer_id OR r.customer_id <> i.customer_id THEN 'mismatch'
                WHEN r.paid_at IS NOT NULL THEN 'done' ELSE 'gone' END,
           coalesce(r.reason, '')
    FROM unnest(p_bookings, p_offers, p_customers) WITH ORDINALITY AS i (booking_id, offer_id, customer_id, ord)
    LEFT JOIN reservation r ON r.booking_id = i.booking_id
    ORDER BY i.ord;
END $$;

CREATE FUNCTION release(p_bookings uuid[], p_offers bigint[], p_customers uuid[])
RETURNS TABLE (ord bigint, code text, reason text)
LANGUAGE plpgsql AS $$
#variable_conflict use_column
BEGIN
    PERFORM 1 FROM offer WHERE id = ANY (p_offers) ORDER BY id FOR UPDATE;

    -- The tombstone: a Reserve that arrives after this holds nothing.
    INSERT INTO reservation (booking_id, offer_id, customer_id, outcome, state, live, closed_at)
    SELECT i.booking_id, i.offer_id, i.customer_id, 'released', 'released', false, now()
    FROM unnest(p_bookings, p_offers, p_customers) AS i (booking_id, offer_id, customer_id)
    ON CONFLICT (booking_id) DO NOTHING;

    WITH released AS (
        UPDATE reservation r SET state = 'released', live = false, closed_at = now()
        FROM unnest(p_bookings, p_offers, p_customers) AS i (booking_id, offer_id, customer_id)
        WHERE r.booking_id = i.booking_id AND r.offer_id = i.offer_id AND r.customer_id = i.customer_id AND r.state = 'held'
        RETURNING r.booking_id, r.offer_id
    )
    UPDATE offer o SET status = 'open', booking_id = NULL, customer_id = NULL, customer = NULL, updated_at = now()
    FROM released WHERE o.id = released.offer_id AND o.booking_id = released.booking_id AND o.status = 'reserved';

    RETURN QUERY
    SELECT i.ord,
           CASE WHEN r.offer_id <> i.offer_id OR r.customer_id <> i.customer_id THEN 'mismatch'
                WHEN r.paid_at IS NOT NULL THEN 'refused' ELSE 'done' END,
           coalesce(r.reason, '')
    FROM unnest(p_bookings, p_offers, p_customers) WITH ORDINALITY AS i (booking_id, offer_id, customer_id, ord)
    JOIN reservation r ON r.booking_id = i.booking_id
    ORDER BY i.ord;
END $$;

-- A paid booking ends. By the customer: the offer is open again, or closed when its time has passed. By the company: it is closed.
CREATE FUNCTION cancel_claim(p_booking uuid, p_offer bigint, p_customer uuid, p_by_company boolean, p_reason text)
RETURNS TABLE (code text, reason text)
LANGUAGE plpgsql AS $$
#variable_conflict use_column
BEGIN
    PERFORM 1 FROM offer WHERE id = p_offer FOR UPDATE;

    WITH cancelled AS (
        UPDATE reservation r
        SET state = 'cancelled', live = false, closed_at = now(), reason = CASE WHEN p_by_company THEN 'company' ELSE 'customer' END
        FROM offer o
        WHERE r.booking_id = p_booking AND r.offer_id = p_offer AND r.customer_id = p_customer AND r.state = 'paid'
          AND o.id = p_offer AND o.status = 'paid'
        RETURNING r.offer_id, NOT p_by_company AND o.datetime > now() AS reopen
    )
    UPDATE offer o
    SET status = CASE WHEN reopen THEN 'open' WHEN p_by_company THEN 'canceled_by_company' ELSE 'canceled_by_customer' END,
        cancel_reason = CASE WHEN reopen THEN NULL ELSE p_reason END,
        booking_id = CASE WHEN reopen THEN NULL ELSE o.booking_id END,
        customer_id = CASE WHEN reopen THEN NULL ELSE o.customer_id END,
        customer = CASE WHEN reopen THEN NULL ELSE o.customer END,
        updated_at = now()
    FROM cancelled WHERE o.id = cancelled.offer_id;

    -- A repeat by the same side is done; the other side came second and is refused.
    RETURN QUERY
    SELECT CASE WHEN r.offer_id <> p_offer OR r.customer_id <> p_customer THEN 'mismatch'
                WHEN r.state = 'cancelled' AND r.reason = CASE WHEN p_by_company THEN 'company' ELSE 'customer' END THEN 'done'
                ELSE 'refused' END,
           CASE WHEN r.state = 'cancelled' THEN 'already_cancelled' WHEN o.status = 'completed' THEN 'booking_completed' ELSE 'not_paid' END
    FROM reservation r LEFT JOIN offer o ON o.booking_id = r.booking_id AND o.id = r.offer_id WHERE r.booking_id = p_booking;
END $$;

-- The company takes an offer back. A held claim is marked gone, so its saga's Confirm is refused and the money returns.
CREATE FUNCTION withdraw(p_offer bigint, p_company bigint, p_by uuid, p_reason text)
RETURNS TABLE (code text, booking_id uuid, customer_id uuid)
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
    found_status text;
BEGIN
    SELECT o.status INTO found_status FROM offer o WHERE o.id = p_offer AND o.company_id = p_company FOR UPDATE;

    IF found_status IN ('open', 'reserved') THEN
        UPDATE reservation SET state = 'gone', live = false, closed_at = now(), reason = 'offer_withdrawn'
        WHERE offer_id = p_offer AND live AND state = 'held';
        UPDATE offer SET status = 'canceled_by_company', cancel_reason = p_reason, updated_by = p_by, updated_at = now(),
            booking_id = NULL, customer_id = NULL, customer = NULL
        WHERE id = p_offer;
    END IF;

    RETURN QUERY
    SELECT CASE WHEN found_status IS NULL THEN 'not_found'
                WHEN found_status IN ('open', 'reserved') THEN 'withdrawn'
                WHEN found_status = 'paid' THEN 'paid'
                ELSE 'closed' END,
           o.booking_id, o.customer_id
    FROM (SELECT 1) one LEFT JOIN offer o ON o.id = p_offer AND o.status = 'paid';
END $$;
