-- What the relay does, by the indexes, always. The outbox is empty most of the time: where PostgreSQL has just cut it down to no page, it would plan to read it
-- whole, and a connection keeps that plan while the table grows to thousands of pages.
CREATE FUNCTION take_events(p_destination text, p_from timestamptz, p_limit int)
RETURNS TABLE (id bigint, event_id uuid, type text, payload text, created_at timestamptz, next_at timestamptz)
LANGUAGE plpgsql AS $$
#variable_conflict use_column
BEGIN
    -- SKIP LOCKED: replicas share the work and never wait for each other. The order is the index's, so that a long queue is never sorted.
    RETURN QUERY
    SELECT o.id, o.event_id, o.type, o.payload::text, o.created_at, o.next_at FROM outbox o
    WHERE o.destination = p_destination AND o.next_at >= p_from AND o.next_at <= now()
    ORDER BY o.next_at, o.id LIMIT p_limit FOR UPDATE SKIP LOCKED;
END $$;

CREATE FUNCTION delete_events(p_ids bigint[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM outbox WHERE id = ANY (p_ids);
END $$;

ALTER FUNCTION take_events SET enable_seqscan = off;
ALTER FUNCTION take_events SET enable_bitmapscan = off; -- or the index's order would be lost, and all that is due sorted for each batch
ALTER FUNCTION take_events SET plan_cache_mode = force_generic_plan;
ALTER FUNCTION delete_events SET enable_seqscan = off;
ALTER FUNCTION delete_events SET plan_cache_mode = force_generic_plan;
