-- A person's way out, one row until a day after its end. While it is there they begin no booking (begin_bookings).
CREATE TABLE account_deletion (
    user_id         uuid PRIMARY KEY,
    -- Emptied at the end.
    email           text NOT NULL,
    give_up_balance boolean NOT NULL,
    -- checking: it may still be refused, and then the row goes. removing: nobody can go back.
    state           text NOT NULL DEFAULT 'checking' CHECK (state IN ('checking', 'removing', 'done')),
    -- Which companies the person managed, for those that are told after company has forgotten it.
    company_ids     bigint[] NOT NULL DEFAULT '{}',
    -- As in a saga: who drives it has it until next_at, and an older driver changes nothing any more.
    epoch           int NOT NULL DEFAULT 1,
    next_at         timestamptz NOT NULL,
    last_error      text,
    requested_at    timestamptz NOT NULL DEFAULT now(),
    finished_at     timestamptz,
    CHECK ((state = 'done') = (finished_at IS NOT NULL))
);
CREATE INDEX account_deletion_due ON account_deletion (next_at) WHERE state <> 'done';

-- As before, but nobody who is leaving begins one. The table has a few rows at most.
CREATE OR REPLACE FUNCTION begin_bookings(
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
        WHERE NOT EXISTS (SELECT FROM account_deletion d WHERE d.user_id = i.customer_id)
        ON CONFLICT (id) DO NOTHING
        RETURNING *
    ), asked AS (
        INSERT INTO outbox (destination, type, payload)
        SELECT 'booking', p_asked_as, json_build_object('booking_id', b.id, 'offer_id', b.offer_id, 'customer', b.customer)
        FROM begun b WHERE p_asked_as IS NOT NULL
    )
    SELECT * FROM begun;
END $$;
ALTER FUNCTION begin_bookings SET plan_cache_mode = force_generic_plan;
