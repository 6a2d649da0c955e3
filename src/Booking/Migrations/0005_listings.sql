-- What a company sells: a service, described so, for so much. Its offers are the times. Search looks here, where reserving and paying change nothing
-- (docs/adr/0014-search-looks-at-listings.md).
CREATE TABLE listing (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    company_id  bigint NOT NULL REFERENCES company,
    service_id  int NOT NULL REFERENCES service,
    price_minor bigint NOT NULL,
    description text NOT NULL,
    -- Of the service in both languages, its parent, the company's name and the description.
    words       tsvector NOT NULL
);
-- A description may be longer than an index row.
CREATE UNIQUE INDEX listing_key ON listing (company_id, service_id, price_minor, md5(description));
CREATE INDEX listing_by_words ON listing USING gin (words);
CREATE INDEX listing_by_service ON listing (service_id);
CREATE INDEX listing_by_price ON listing (price_minor, id);

-- PostgreSQL's Russian configuration stems Latin words as English. ё and е are one letter to who searches.
CREATE FUNCTION words_of(p_text text) RETURNS tsvector LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT to_tsvector('pg_catalog.russian', translate(lower(p_text), 'ё', 'е'))
$$;

CREATE FUNCTION listing_words(p_company text, p_service int, p_description text) RETURNS tsvector LANGUAGE sql STABLE AS $$
    SELECT words_of(concat_ws(' . ', s.name_ru, s.name_en, parent.name_ru, parent.name_en, p_company, p_description))
    FROM service s LEFT JOIN service parent ON parent.id = s.parent_id WHERE s.id = p_service
$$;

-- The words follow the company's name.
CREATE FUNCTION rename_listings() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE listing SET words = listing_words(NEW.name, service_id, description) WHERE company_id = NEW.id;
    RETURN NULL;
END $$;
CREATE TRIGGER company_renamed AFTER UPDATE OF name ON company FOR EACH ROW WHEN (OLD.name IS DISTINCT FROM NEW.name) EXECUTE FUNCTION rename_listings();

-- Every offer belongs to the listing that its own columns say, whoever inserts it.
CREATE FUNCTION list_offer() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    SELECT l.id INTO NEW.listing_id FROM listing l
    WHERE l.company_id = NEW.company_id AND l.service_id = NEW.service_id AND l.price_minor = NEW.price_minor AND md5(l.description) = md5(NEW.description);
    IF NEW.listing_id IS NULL THEN
        -- One that another transaction makes at this moment is waited for and taken; so is a rename.
        INSERT INTO listing (company_id, service_id, price_minor, description, words)
        SELECT c.id, NEW.service_id, NEW.price_minor, NEW.description, listing_words(c.name, NEW.service_id, NEW.description) FROM company c WHERE c.id = NEW.company_id FOR SHARE OF c
        ON CONFLICT (company_id, service_id, price_minor, md5(description)) DO UPDATE SET company_id = EXCLUDED.company_id
        RETURNING id INTO NEW.listing_id;
    END IF;
    RETURN NEW;
END $$;

ALTER TABLE offer ADD COLUMN listing_id bigint REFERENCES listing;
INSERT INTO listing (company_id, service_id, price_minor, description, words)
SELECT o.company_id, o.service_id, o.price_minor, o.description, listing_words(c.name, o.service_id, o.description)
FROM (SELECT DISTINCT company_id, service_id, price_minor, description FROM offer) o JOIN company c ON c.id = o.company_id;
UPDATE offer o SET listing_id = l.id FROM listing l
WHERE l.company_id = o.company_id AND l.service_id = o.service_id AND l.price_minor = o.price_minor AND md5(l.description) = md5(o.description);
ALTER TABLE offer ALTER COLUMN listing_id SET NOT NULL;
CREATE TRIGGER offer_listed BEFORE INSERT ON offer FOR EACH ROW EXECUTE FUNCTION list_offer();

-- Partial: an offer that is reserved leaves it without an entry, as it leaves offer_search.
CREATE INDEX offer_by_listing ON offer (listing_id, datetime, id) WHERE is_open;

-- Places, without an extension: x is the longitude, y the latitude. The box around a circle comes from the index, the circle from distance_km.
CREATE FUNCTION place(p_location double precision[]) RETURNS point LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT point(p_location[2], p_location[1])
$$;
CREATE INDEX company_by_place ON company USING gist (place(location)) WHERE location IS NOT NULL;

-- Kilometres on a sphere of the Earth's mean radius (IUGG: 6371.0088 km), by the haversine formula; within 0.6 % of the ellipsoid.
CREATE FUNCTION distance_km(p_location double precision[], p_lat double precision, p_lng double precision) RETURNS double precision LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT 2 * 6371.0088 * asin(sqrt(least(1,
        sin(radians(p_location[1] - p_lat) / 2) ^ 2 + cos(radians(p_lat)) * cos(radians(p_location[1])) * sin(radians(p_location[2] - p_lng) / 2) ^ 2)))
$$;
