-- What a client wants to be reminded of; without a row both. Apart from the profile, which a booking does not need.
CREATE TABLE reminder_choice (
    customer_id uuid PRIMARY KEY,
    day_before  boolean NOT NULL,
    hour_before boolean NOT NULL,
    updated     timestamptz NOT NULL DEFAULT now()
);

-- Signs the links in reminders; one for all replicas, made here. Three random UUIDs have 366 random bits.
CREATE TABLE link_key (
    id  int PRIMARY KEY CHECK (id = 1),
    key bytea NOT NULL
);
INSERT INTO link_key SELECT 1, sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()));
