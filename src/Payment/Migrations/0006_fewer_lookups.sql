-- As before, but the payer's account is known from its lock, and what is decided here is answered without looking for it again. Batches of which a part was
-- decided before are answered from what is recorded.
CREATE OR REPLACE FUNCTION charge(p_bookings uuid[], p_customers uuid[], p_companies bigint[], p_offers bigint[], p_amounts bigint[])
RETURNS TABLE (ord bigint, code text, reason text)
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
    v_accounts  bigint[];
    v_customers uuid[];
    v_ords      bigint[];
    v_codes     text[];
    v_reasons   text[];
BEGIN
    SELECT array_agg(l.id), array_agg(l.customer_id) INTO v_accounts, v_customers
    FROM (SELECT id, customer_id FROM account WHERE customer_id = ANY (p_customers) ORDER BY customer_id FOR UPDATE) l;

    INSERT INTO account (kind, company_id)
    SELECT DISTINCT 'company', i.company_id FROM unnest(p_companies) AS i (company_id)
    WHERE NOT EXISTS (SELECT FROM account a WHERE a.company_id = i.company_id)
    ORDER BY i.company_id
    ON CONFLICT (company_id) DO NOTHING;

    -- Several charges of one customer: smallest first. So the sum before each is what the charged ones took, and once one
    -- is refused all after it are, which is the answer that this serial order gives.
    WITH fresh AS (
        SELECT i.*, coalesce(a.balance_minor, 0) AS balance,
               sum(i.amount_minor) OVER (PARTITION BY i.customer_id ORDER BY i.amount_minor, i.booking_id) AS running
        FROM (
            SELECT DISTINCT ON (u.booking_id) u.*
            FROM unnest(p_bookings, p_customers, p_companies, p_offers, p_amounts) WITH ORDINALITY AS u (booking_id, customer_id, company_id, offer_id, amount_minor, ord)
            ORDER BY u.booking_id, u.ord
        ) i
        -- An account that was made after the lock was taken is not there yet.
        LEFT JOIN account a ON a.customer_id = i.customer_id AND a.id = ANY (v_accounts)
        WHERE NOT EXISTS (SELECT FROM transfer t WHERE t.id = i.booking_id AND t.type = 'payment')
    ), decided AS (
        INSERT INTO transfer (id, type, status, customer_id, company_id, offer_id, amount_minor, reason, balance_after)
        SELECT f.booking_id, 'payment',
               CASE WHEN f.running <= f.balance THEN 'completed' ELSE 'refused' END,
               f.customer_id, f.company_id, f.offer_id, f.amount_minor,
               CASE WHEN f.running <= f.balance THEN NULL ELSE 'insufficient_funds' END,
               CASE WHEN f.running <= f.balance THEN f.balance - f.running
                    ELSE f.balance - coalesce(max(f.running) FILTER (WHERE f.running <= f.balance) OVER (PARTITION BY f.customer_id), 0) END
        FROM fresh f
        ORDER BY f.customer_id, f.running
        ON CONFLICT (id, type) DO NOTHING
        RETURNING seq, id, status, customer_id, company_id, amount_minor, reason
    ), charged AS (
        SELECT seq, company_id, amount_minor, v_accounts[array_position(v_customers, customer_id)] AS account_id FROM decided WHERE status = 'completed'
    ), posted AS (
        INSERT INTO posting (account_id, transfer_seq, amount_minor)
        SELECT p.account_id, c.seq, p.amount_minor
        FROM charged c
        JOIN account payee ON payee.company_id = c.company_id
        CROSS JOIN LATERAL (VALUES (c.account_id, -c.amount_minor), (payee.id, c.amount_minor)) AS p (account_id, amount_minor)
    ), paid AS (
        UPDATE account a SET balance_minor = a.balance_minor - c.total
        FROM (SELECT account_id, sum(amount_minor) AS total FROM charged GROUP BY account_id) c
        WHERE a.id = c.account_id
    )
    SELECT array_agg(array_position(p_bookings, id)), array_agg(CASE status WHEN 'completed' THEN 'charged' ELSE 'refused' END), array_agg(coalesce(reason, ''))
    INTO v_ords, v_codes, v_reasons
    FROM decided;

    IF cardinality(v_ords) = cardinality(p_bookings) THEN
        RETURN QUERY SELECT * FROM unnest(v_ords, v_codes, v_reasons) AS u (ord, code, reason) ORDER BY u.ord;
    ELSE
        -- A repeat gets what was decided, whatever happened to the money since.
        RETURN QUERY SELECT o.ord, CASE WHEN o.code IN ('refund', 'retained') THEN 'charged' ELSE o.code END, o.reason
        FROM payment_outcomes(p_bookings, p_customers, p_offers, p_amounts) o;
    END IF;
END $$;
ALTER FUNCTION charge(uuid[], uuid[], bigint[], bigint[], bigint[]) SET plan_cache_mode = force_generic_plan;
