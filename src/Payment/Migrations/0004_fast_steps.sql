-- Each posting locked its company's account for the check: the one row that all sales of a company have in common. Only the functions below write
-- postings, in the statement that finds account and transfer; nothing can be deleted (0003), and the auditor looks for postings without either.
ALTER TABLE posting DROP CONSTRAINT posting_account_id_fkey, DROP CONSTRAINT posting_transfer_seq_fkey;

-- As before, but payer and payee are found by an index each.
CREATE OR REPLACE FUNCTION charge(p_bookings uuid[], p_customers uuid[], p_companies bigint[], p_offers bigint[], p_amounts bigint[])
RETURNS TABLE (ord bigint, code text, reason text)
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
    v_locked bigint[];
BEGIN
    SELECT array_agg(l.id) INTO v_locked
    FROM (SELECT id FROM account WHERE customer_id = ANY (p_customers) ORDER BY customer_id FOR UPDATE) l;

    INSERT INTO account (kind, company_id)
    SELECT DISTINCT 'company', i.company_id FROM unnest(p_companies) AS i (company_id)
    WHERE NOT EXISTS (SELECT FROM account a WHERE a.company_id = i.company_id)
    ORDER BY i.company_id
    ON CONFLICT (company_id) DO NOTHING;

    -- Several charges of one customer: smallest first. So the sum before each is what the charged ones took, and once one
    -- is refused all after it are, which is the answer that this serial order gives.
    WITH fresh AS (
        SELECT i.*, a.id AS account_id, coalesce(a.balance_minor, 0) AS balance,
               sum(i.amount_minor) OVER (PARTITION BY i.customer_id ORDER BY i.amount_minor, i.booking_id) AS running
        FROM (
            SELECT DISTINCT ON (u.booking_id) u.*
            FROM unnest(p_bookings, p_customers, p_companies, p_offers, p_amounts) AS u (booking_id, customer_id, company_id, offer_id, amount_minor)
        ) i
        -- An account that was made after the lock was taken is not there yet.
        LEFT JOIN account a ON a.customer_id = i.customer_id AND a.id = ANY (v_locked)
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
        RETURNING seq, status, customer_id, company_id, amount_minor
    ), posted AS (
        INSERT INTO posting (account_id, transfer_seq, amount_minor)
        SELECT p.account_id, d.seq, p.amount_minor
        FROM decided d
        JOIN account payer ON payer.customer_id = d.customer_id
        JOIN account payee ON payee.company_id = d.company_id
        CROSS JOIN LATERAL (VALUES (payer.id, -d.amount_minor), (payee.id, d.amount_minor)) AS p (account_id, amount_minor)
        WHERE d.status = 'completed'
    )
    UPDATE account a SET balance_minor = a.balance_minor - d.total
    FROM (SELECT customer_id, sum(amount_minor) AS total FROM decided WHERE status = 'completed' GROUP BY customer_id) d
    WHERE a.customer_id = d.customer_id;

    -- A repeat gets what was decided, whatever happened to the money since.
    RETURN QUERY SELECT o.ord, CASE WHEN o.code IN ('refund', 'retained') THEN 'charged' ELSE o.code END, o.reason
    FROM payment_outcomes(p_bookings, p_customers, p_offers, p_amounts) o;
END $$;

CREATE OR REPLACE FUNCTION close_payment(p_bookings uuid[], p_customers uuid[], p_offers bigint[], p_amounts bigint[], p_refund boolean)
RETURNS TABLE (ord bigint, code text, reason text)
LANGUAGE plpgsql AS $$
#variable_conflict use_column
BEGIN
    PERFORM 1 FROM account WHERE customer_id = ANY (p_customers) ORDER BY customer_id FOR UPDATE;

    WITH closed AS (
        INSERT INTO transfer (id, type, status, customer_id, company_id, offer_id, amount_minor, balance_after)
        SELECT p.id, CASE WHEN p_refund THEN 'refund' ELSE 'retained' END, 'completed', p.customer_id, p.company_id, p.offer_id, p.amount_minor,
               a.balance_minor + CASE WHEN p_refund THEN sum(p.amount_minor) OVER (PARTITION BY p.customer_id ORDER BY p.seq) ELSE 0 END
        FROM transfer p
        JOIN account a ON a.customer_id = p.customer_id
        WHERE p.type = 'payment' AND p.status = 'completed'
          AND p.id = ANY (p_bookings)
          AND EXISTS (
              SELECT FROM unnest(p_bookings, p_customers, p_offers, p_amounts) AS i (booking_id, customer_id, offer_id, amount_minor)
              WHERE i.booking_id = p.id AND i.customer_id = p.customer_id AND i.offer_id = p.offer_id AND i.amount_minor IN (0, p.amount_minor))
          AND NOT EXISTS (SELECT FROM transfer c WHERE c.id = p.id AND c.type IN ('refund', 'retained'))
        ORDER BY p.seq
        ON CONFLICT DO NOTHING
        RETURNING seq, type, customer_id, company_id, amount_minor
    ), posted AS (
        INSERT INTO posting (account_id, transfer_seq, amount_minor)
        SELECT p.account_id, c.seq, p.amount_minor
        FROM closed c
        JOIN account payer ON payer.customer_id = c.customer_id
        JOIN account payee ON payee.company_id = c.company_id
        CROSS JOIN LATERAL (VALUES (payer.id, c.amount_minor), (payee.id, -c.amount_minor)) AS p (account_id, amount_minor)
        WHERE c.type = 'refund'
    )
    UPDATE account a SET balance_minor = a.balance_minor + c.total
    FROM (SELECT customer_id, sum(amount_minor) AS total FROM closed WHERE type = 'refund' GROUP BY customer_id) c
    WHERE a.customer_id = c.customer_id;

    RETURN QUERY SELECT * FROM payment_outcomes(p_bookings, p_customers, p_offers, p_amounts);
END $$;

-- Planned once for each connection, not for each batch; while the tables are young, again from time to time (Query.StepAsync).
ALTER FUNCTION charge(uuid[], uuid[], bigint[], bigint[], bigint[]) SET plan_cache_mode = force_generic_plan;
ALTER FUNCTION cancel_payment SET plan_cache_mode = force_generic_plan;
ALTER FUNCTION close_payment SET plan_cache_mode = force_generic_plan;
