-- Companies' webhooks (docs/webhooks.md). Locks are taken in the order webhook, webhook_delivery.
CREATE TABLE webhook (
    id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    company_id      bigint NOT NULL,
    url             text NOT NULL,
    event_types     text[] NOT NULL CHECK (cardinality(event_types) > 0),
    active          boolean NOT NULL,
    -- Why it was switched off without its company: it answered 410, or nothing but failures for Webhooks:DisableAfter.
    disabled_reason text CHECK (disabled_reason IN ('gone', 'failing')),
    -- Since when every attempt has failed.
    failing_since   timestamptz,
    -- BookSaga.Contracts.CompanyChanged, the newest that was seen here: whom to tell when the webhook has to be switched off.
    company         jsonb NOT NULL,
    company_version bigint NOT NULL,
    created_at      timestamptz NOT NULL,
    updated_at      timestamptz NOT NULL,
    CHECK (NOT active OR disabled_reason IS NULL)
);
CREATE INDEX webhook_by_company ON webhook (company_id);

-- All that still sign. Kept as they are: HMAC needs the secret itself.
CREATE TABLE webhook_secret (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    webhook_id bigint NOT NULL REFERENCES webhook ON DELETE CASCADE,
    secret     text NOT NULL,
    -- Null: the current one.
    expires_at timestamptz
);
CREATE INDEX webhook_secret_by_webhook ON webhook_secret (webhook_id);
CREATE UNIQUE INDEX webhook_secret_current ON webhook_secret (webhook_id) WHERE expires_at IS NULL;

-- What companies with a webhook could be told, also while it is switched off: replays are made from it.
CREATE TABLE webhook_event (
    event_id    uuid PRIMARY KEY,
    company_id  bigint NOT NULL,
    -- Null for a test.
    booking_id  uuid,
    type        text NOT NULL,
    occurred_at timestamptz NOT NULL,
    received_at timestamptz NOT NULL,
    -- The body as it is signed and sent, byte for byte.
    body        text NOT NULL
);
CREATE INDEX webhook_event_by_company ON webhook_event (company_id, occurred_at);
CREATE INDEX webhook_event_by_age ON webhook_event (received_at);

-- One event for one webhook. The pair is its webhook-id, so a repeat of either changes nothing.
CREATE TABLE webhook_delivery (
    webhook_id  bigint NOT NULL REFERENCES webhook ON DELETE CASCADE,
    event_id    uuid NOT NULL REFERENCES webhook_event ON DELETE CASCADE,
    state       text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'delivered', 'failed', 'cancelled')),
    -- A claim raises attempts, sets held and moves next_at behind the lease; only the last claimant's failure counts.
    attempts    int NOT NULL DEFAULT 0,
    held        boolean NOT NULL DEFAULT false,
    next_at     timestamptz NOT NULL,
    -- Attempts before the last replay: the retry schedule begins anew after it.
    earlier     int NOT NULL DEFAULT 0,
    -- When it came, or was replayed.
    queued_at   timestamptz NOT NULL,
    finished_at timestamptz,
    last_error  text,
    PRIMARY KEY (webhook_id, event_id)
);
CREATE INDEX webhook_delivery_waiting ON webhook_delivery (webhook_id, next_at) WHERE state = 'waiting';
CREATE INDEX webhook_delivery_failed ON webhook_delivery (queued_at) WHERE state = 'failed';
CREATE INDEX webhook_delivery_by_time ON webhook_delivery (webhook_id, queued_at, event_id);
CREATE INDEX webhook_delivery_by_event ON webhook_delivery (event_id);

-- The log that the company sees.
CREATE TABLE webhook_attempt (
    webhook_id  bigint NOT NULL,
    event_id    uuid NOT NULL,
    attempt     int NOT NULL,
    at          timestamptz NOT NULL,
    duration_ms int NOT NULL,
    status      int,
    error       text,
    answer      text NOT NULL,
    PRIMARY KEY (webhook_id, event_id, attempt),
    FOREIGN KEY (webhook_id, event_id) REFERENCES webhook_delivery ON DELETE CASCADE
);

-- The mail that tells a company of it is none of a booking.
ALTER TABLE mail DROP CONSTRAINT mail_kind_check, ADD CONSTRAINT mail_kind_check CHECK (kind IN ('paid', 'failed', 'cancelled', 'day_before', 'hour_before', 'webhook_disabled'));
