-- The saga's participant steps, one call and one commit for a batch. Each locks the customers' accounts in one order first,
-- so all that happens to one customer's money happens in some order.

-- What is recorded of payments, in the order asked.
CREATE FUNCTION payment_outcomes(p_bookings uuid[], p_customers uuid[], p_offers bigint[], p_amounts bigint[])
RETURNS TABLE (ord bigint, code text, reason text)
LANGUAGE sql STABLE AS $$
    SELECT i.ord,
           CASE WHEN p.id IS NULL OR p.customer_id <> i.customer_id OR p.offer_id <> i.offer_id
                     OR (p.amount_minor <> i.amount_minor AND p.reason IS DISTINCT FROM 'cancelled' AND i.amount_minor <> 0) THEN 'mismatch'
                WHEN p.status = 'refused' THEN 'refused'
                ELSE coalesce(c.type, 'charged') END,
           coalesce(p.reason, '')
    FROM unnest(p_bookings, p_customers, p_offers, p_amounts) WITH ORDINALITY AS i (booking_id, customer_id, offer_id, amount_minor, ord)
    LEFT JOIN transfer p ON p.id = i.booking_id AND p.type = 'payment'
    LEFT JOIN transfer c ON c.id = i.booking_id AND c.type IN ('refund', 'retained')
    ORDER BY i.ord
$$;

CREATE FUNCTION charge(p_bookings uuid[], p_customers uuid[], p_companies bigint[], p_offers bigint[], p_amounts bigint[])
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
        SELECT a.id, d.seq, CASE a.kind WHEN 'customer' THEN -d.amount_minor ELSE d.amount_minor END
        FROM decided d
        JOIN account a ON a.customer_id = d.customer_id OR a.company_id = d.company_id
        WHERE d.status = 'completed'
    )
    UPDATE account a SET balance_minor = a.balance_minor - d.total
    FROM (SELECT customer_id, sum(amount_minor) AS total FROM decided WHERE status = 'completed' GROUP BY customer_id) d
    WHERE a.customer_id = d.customer_id;

    -- A repeat gets what was decided, whatever happened to the money since.
    RETURN QUERY SELECT o.ord, CASE WHEN o.code IN ('refund', 'retained') THEN 'charged' ELSE o.code END, o.reason
    FROM payment_outcomes(p_bookings, p_customers, p_offers, p_amounts) o;
END $$;

-- Leaves a refusal where no decision is, so that a late charge is refused; changes nothing else.
CREATE FUNCTION cancel_payment(p_bookings uuid[], p_customers uuid[], p_offers bigint[], p_amounts bigint[])
RETURNS TABLE (ord bigint, code text, reason text)
LANGUAGE plpgsql AS $$
#variable_conflict use_column
BEGIN
    PERFORM 1 FROM account WHERE customer_id = ANY (p_customers) ORDER BY customer_id FOR UPDATE;

    INSERT INTO transfer (id, type, status, customer_id, offer_id, amount_minor, reason, balance_after)
    SELECT i.booking_id, 'payment', 'refused', i.customer_id, i.offer_id, greatest(i.amount_minor, 1), 'cancelled', coalesce(a.balance_minor, 0)
    FROM unnest(p_bookings, p_customers, p_offers, p_amounts) AS i (booking_id, customer_id, offer_id, amount_minor)
    LEFT JOIN account a ON a.customer_id = i.customer_id
    ON CONFLICT (id, type) DO NOTHING;

    RETURN QUERY SELECT o.ord, CASE WHEN o.code IN ('refund', 'retained') THEN 'charged' ELSE o.code END, o.reason
    FROM payment_outcomes(p_bookings, p_customers, p_offers, p_amounts) o;
END $$;

-- Closes completed payments once: with the money back to the customer, or kept by the company.
CREATE FUNCTION close_payment(p_bookings uuid[], p_customers uuid[], p_offers bigint[], p_amounts bigint[], p_refund boolean)
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
        SELECT a.id, c.seq, CASE a.kind WHEN 'customer' THEN c.amount_minor ELSE -c.amount_minor END
        FROM closed c
        JOIN account a ON a.customer_id = c.customer_id OR a.company_id = c.company_id
        WHERE c.type = 'refund'
    )
    UPDATE account a SET balance_minor = a.balance_minor + c.total
    FROM (SELECT customer_id, sum(amount_minor) AS total FROM closed WHERE type = 'refund' GROUP BY customer_id) c
    WHERE a.customer_id = c.customer_id;

    RETURN QUERY SELECT * FROM payment_outcomes(p_bookings, p_customers, p_offers, p_amounts);
END $$;

-- Money comes in from outside; a repeat under the same id changes nothing. No row: the customer has no account.
CREATE FUNCTION top_up(p_id uuid, p_customer uuid, p_amount bigint) RETURNS TABLE (balance_minor bigint)
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
    v_account bigint;
    v_seq bigint;
BEGIN
    SELECT id INTO v_account FROM account WHERE customer_id = p_customer FOR UPDATE;
    IF v_account IS NULL THEN
        RETURN;
    END IF;
    INSERT INTO transfer (id, type, status, customer_id, amount_minor, balance_after)
    SELECT p_id, 'top-up', 'completed', p_customer, p_amount, a.balance_minor + p_amount FROM account a WHERE a.id = v_account
    ON CONFLICT (id, type) DO NOTHING
    RETURNING seq INTO v_seq;
    IF v_seq IS NOT NULL THEN
        INSERT INTO posting (account_id, transfer_seq, amount_minor)
        SELECT a.id, v_seq, CASE a.kind WHEN 'cash' THEN -p_amount ELSE p_amount END FROM account a WHERE a.id = v_account OR a.kind = 'cash';
        UPDATE account a SET balance_minor = a.balance_minor + p_amount WHERE a.id = v_account;
    END IF;
    RETURN QUERY SELECT a.balance_minor FROM account a WHERE a.id = v_account;
END $$;
