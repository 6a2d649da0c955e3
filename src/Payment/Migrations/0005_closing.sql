-- A person who goes may leave a balance. It goes to an account of its own by a transfer like any other, so the trial balance stays 0. An account that is
-- closed stays, under the person's id, and takes no money in.
ALTER TABLE account ADD COLUMN closed_at timestamptz, DROP CONSTRAINT account_kind_check,
    ADD CONSTRAINT account_kind_check CHECK (kind IN ('customer', 'company', 'cash', 'forfeited'));
INSERT INTO account (kind) VALUES ('forfeited');
CREATE UNIQUE INDEX account_one_forfeited ON account (kind) WHERE kind = 'forfeited';
ALTER TABLE transfer DROP CONSTRAINT transfer_type_check, ADD CONSTRAINT transfer_type_check CHECK (type IN ('top-up', 'payment', 'refund', 'retained', 'forfeit'));

-- The transfer's id is the person's: they go once. 'closed', also when it was so before, or 'balance_remains', which changes nothing.
CREATE FUNCTION close_account(p_customer uuid, p_give_up boolean) RETURNS text
LANGUAGE plpgsql AS $$
DECLARE
    v_account bigint;
    v_balance bigint;
    v_closed  timestamptz;
    v_seq     bigint;
BEGIN
    SELECT id, balance_minor, closed_at INTO v_account, v_balance, v_closed FROM account WHERE customer_id = p_customer FOR UPDATE;
    IF v_balance > 0 AND v_closed IS NULL AND NOT p_give_up THEN
        RETURN 'balance_remains';
    END IF;
    -- Without an account too: none is opened any more.
    INSERT INTO erased_person (user_id) VALUES (p_customer) ON CONFLICT DO NOTHING;
    IF v_balance > 0 AND v_closed IS NULL THEN
        INSERT INTO transfer (id, type, status, customer_id, amount_minor, balance_after) VALUES (p_customer, 'forfeit', 'completed', p_customer, v_balance, 0)
        RETURNING seq INTO v_seq;
        INSERT INTO posting (account_id, transfer_seq, amount_minor)
        SELECT v_account, v_seq, -v_balance UNION ALL SELECT id, v_seq, v_balance FROM account WHERE kind = 'forfeited';
    END IF;
    UPDATE account SET balance_minor = CASE WHEN v_closed IS NULL THEN 0 ELSE balance_minor END, closed_at = coalesce(v_closed, now()) WHERE id = v_account;
    RETURN 'closed';
END $$;

-- As before, but not into a closed account.
CREATE OR REPLACE FUNCTION top_up(p_id uuid, p_customer uuid, p_amount bigint) RETURNS TABLE (balance_minor bigint)
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
    v_account bigint;
    v_seq bigint;
BEGIN
    SELECT id INTO v_account FROM account WHERE customer_id = p_customer AND closed_at IS NULL FOR UPDATE;
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
