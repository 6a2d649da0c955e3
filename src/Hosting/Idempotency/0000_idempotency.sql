-- Requests that came with an Idempotency-Key, per caller. operation_id is the id under which the work itself is idempotent,
-- so a request whose process died can be taken over safely.
CREATE TABLE idempotency (
    caller       uuid NOT NULL,
    key          text NOT NULL,
    request_hash bytea NOT NULL,
    operation_id uuid NOT NULL,
    locked_until timestamptz NOT NULL,
    status       int,
    headers      jsonb,
    body         bytea,
    created_at   timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (caller, key)
);
CREATE INDEX idempotency_age ON idempotency (created_at);
