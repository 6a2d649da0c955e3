-- As before, and the offer's updated_by is the manager who cancelled, where that is known.
CREATE FUNCTION cancel_claim(p_booking uuid, p_offer bigint, p_customer uuid, p_by_company boolean, p_reason text, p_manager uuid)
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
        updated_by = coalesce(p_manager, o.updated_by),
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

-- For replicas of the version before, which know no manager.
CREATE OR REPLACE FUNCTION cancel_claim(p_booking uuid, p_offer bigint, p_customer uuid, p_by_company boolean, p_reason text)
RETURNS TABLE (code text, reason text)
LANGUAGE sql AS $$
    SELECT * FROM cancel_claim(p_booking, p_offer, p_customer, p_by_company, p_reason, NULL)
$$;
