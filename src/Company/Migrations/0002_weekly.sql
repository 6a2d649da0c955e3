-- A weekly pattern of offers on its way to booking. What it makes is fixed when it is accepted, so whoever takes it up after a crash makes the same.
CREATE TABLE weekly_batch (
    -- The work that the request asks for: a repeat under one Idempotency-Key finds its batch.
    id          uuid PRIMARY KEY,
    company_id  bigint NOT NULL REFERENCES company (id),
    created_by  uuid NOT NULL,
    service_id  int NOT NULL,
    price_minor bigint NOT NULL,
    description text NOT NULL,
    -- Slot i: the local time, and the instant, which is null where clocks skip the local time.
    locals      timestamp[] NOT NULL,
    times       timestamptz[] NOT NULL,
    -- A letter for each slot: '.' still to be made, c created, e exists, p past, n no such local time.
    outcomes    text NOT NULL,
    live        boolean NOT NULL DEFAULT true,
    -- As in a saga: who drives it has it until next_at, and an older driver changes nothing any more.
    epoch       int NOT NULL DEFAULT 1,
    next_at     timestamptz NOT NULL,
    last_error  text,
    created_at  timestamptz NOT NULL DEFAULT now(),
    finished_at timestamptz,
    CHECK (cardinality(locals) = cardinality(times) AND char_length(outcomes) = cardinality(locals)),
    CHECK (live = (finished_at IS NULL))
);
CREATE INDEX weekly_batch_due ON weekly_batch (next_at) WHERE live;
CREATE INDEX weekly_batch_by_company ON weekly_batch (company_id, finished_at);
