-- What the relay does, by one plan, always, and told apart by place. A vacuumed outbox is a few pages, so every way of reading it looks alike, and a connection
-- keeps what was chosen then while the table grows to thousands of pages: delete_events(bigint[]) could be planned through outbox_due, where id comes last, from
-- end to end for each id. The functions before stay for replicas of the version before.
CREATE FUNCTION take_outbox(p_destination text, p_from timestamptz, p_limit int)
RETURNS TABLE (place text, id bigint, event_id uuid, type text, payload text, created_at timestamptz, next_at timestamptz)
LANGUAGE plpgsql AS $$
#variable_conflict use_column
BEGIN
    -- SKIP LOCKED: replicas share the work and never wait for each other. The order is the index's, so that a long queue is never sorted.
    RETURN QUERY
    SELECT o.ctid::text, o.id, o.event_id, o.type, o.payload::text, o.created_at, o.next_at FROM outbox o
    WHERE o.destination = p_destination AND o.next_at >= p_from AND o.next_at <= now()
    ORDER BY o.next_at, o.id LIMIT p_limit FOR UPDATE SKIP LOCKED;
END $$;

-- In the transaction that took them, and before it changes anything: its lock keeps a row where it is.
CREATE FUNCTION delete_outbox(p_places text[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM outbox WHERE ctid = ANY (p_places::tid[]);
END $$;

ALTER FUNCTION take_outbox SET enable_seqscan = off;
ALTER FUNCTION take_outbox SET enable_bitmapscan = off; -- or the index's order would be lost, and all that is due sorted for each batch
ALTER FUNCTION take_outbox SET plan_cache_mode = force_generic_plan;
ALTER FUNCTION delete_outbox SET enable_seqscan = off;
ALTER FUNCTION delete_outbox SET plan_cache_mode = force_generic_plan;
