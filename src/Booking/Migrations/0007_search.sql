-- Open offers of active companies, of one category with its children or (null) of all, in the order of time. By one plan, always: PostgreSQL takes a page of
-- unknown length for a tenth of all that fits, so it held a plan for any page to be dearer than it is and planned each question anew. And by the indexes, which
-- give that order; on a young table it would read all of it, and keep to that while the table grows (docs/performance.md).
CREATE FUNCTION search_offers(p_service int, p_first timestamptz, p_last timestamptz, p_limit bigint, p_offset bigint) RETURNS SETOF offer_view
LANGUAGE plpgsql STABLE AS $$
BEGIN
    -- First the page's ids from an index alone, so that a deep page reads no offer before it; then each offer by its keys (OFFSET 0 keeps them apart). Companies
    -- that are not active are few.
    IF p_service IS NULL THEN
        RETURN QUERY
        WITH page AS (
            SELECT o.id FROM offer o
            WHERE o.is_open AND o.datetime >= p_first AND o.datetime <= p_last AND o.company_id <> ALL (ARRAY(SELECT c.id FROM company c WHERE NOT c.active))
            ORDER BY o.datetime, o.id LIMIT p_limit OFFSET p_offset
        )
        SELECT v.* FROM page CROSS JOIN LATERAL (SELECT * FROM offer_view o WHERE o.id = page.id OFFSET 0) v ORDER BY v.datetime, v.id;
    ELSE
        -- Every category's own page from its index, then the page of those: a rare category is not looked for in all offers.
        RETURN QUERY
        WITH page AS (
            SELECT f.id, f.datetime FROM service s
            CROSS JOIN LATERAL (
                SELECT o.id, o.datetime FROM offer o
                WHERE o.service_id = s.id AND o.is_open AND o.datetime >= p_first AND o.datetime <= p_last
                  AND o.company_id <> ALL (ARRAY(SELECT c.id FROM company c WHERE NOT c.active))
                ORDER BY o.datetime, o.id LIMIT p_limit + p_offset
            ) f
            WHERE s.id = p_service OR s.parent_id = p_service
            ORDER BY f.datetime, f.id LIMIT p_limit OFFSET p_offset
        )
        SELECT v.* FROM page CROSS JOIN LATERAL (SELECT * FROM offer_view o WHERE o.id = page.id OFFSET 0) v ORDER BY v.datetime, v.id;
    END IF;
END $$;
ALTER FUNCTION search_offers SET plan_cache_mode = force_generic_plan;
ALTER FUNCTION search_offers SET enable_seqscan = off;
ALTER FUNCTION search_offers SET enable_bitmapscan = off;
