-- The command that a drive gave up at, beside last_error.
ALTER TABLE booking ADD COLUMN last_step text;
ALTER TABLE cancellation ADD COLUMN last_step text;

CREATE INDEX booking_by_offer ON booking (offer_id);
CREATE INDEX booking_by_company ON booking (((snapshot->'offer'->>'company_id')::bigint), id) WHERE snapshot IS NOT NULL;

-- Every saga of both kinds, as operators look for them. A booking and its cancellation have the same id.
CREATE VIEW saga AS
SELECT b.id, 'booking' AS kind, b.status, b.live, b.customer_id, b.offer_id, (b.snapshot->'offer'->>'company_id')::bigint AS company_id,
       b.attempts, b.epoch, b.next_at, b.deadline, b.last_step, b.last_error, b.reason, b.created_at, b.finished_at
FROM booking b
UNION ALL
SELECT b.id, 'cancellation', c.status, c.live, b.customer_id, b.offer_id, (b.snapshot->'offer'->>'company_id')::bigint,
       c.attempts, c.epoch, c.next_at, c.deadline, c.last_step, c.last_error, c.reason, c.created_at, c.finished_at
FROM cancellation c JOIN booking b ON b.id = c.booking_id;

-- What operators did: written in the commit of the deed, never changed.
CREATE TABLE operator_action (
    id             bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at             timestamptz NOT NULL DEFAULT now(),
    operator_id    uuid NOT NULL,
    operator_email text NOT NULL,
    action         text NOT NULL,
    target         text NOT NULL,
    reason         text NOT NULL DEFAULT ''
);
CREATE INDEX operator_action_by_target ON operator_action (target, id);

CREATE FUNCTION refuse_rewriting() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% of % is refused: it is append-only', TG_OP, TG_TABLE_NAME;
END $$;
CREATE TRIGGER operator_action_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON operator_action FOR EACH STATEMENT EXECUTE FUNCTION refuse_rewriting();
