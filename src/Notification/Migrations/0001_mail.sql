-- Every event that has arrived, also those that make no mail: the key is the inbox, a redelivery finds it taken.
CREATE TABLE received (
    event_id    uuid PRIMARY KEY,
    type        text NOT NULL,
    booking_id  uuid NOT NULL,
    occurred_at timestamptz NOT NULL,
    received_at timestamptz NOT NULL
);

-- Mails as they are sent, rendered once: a repeat after a crash is the same mail under the same Message-ID.
CREATE TABLE mail (
    event_id     uuid NOT NULL REFERENCES received,
    audience     text NOT NULL CHECK (audience IN ('client', 'company')),
    booking_id   uuid NOT NULL,
    company_id   bigint NOT NULL,
    message_id   text NOT NULL,
    language     text NOT NULL,
    to_name      text,
    to_addresses text[] NOT NULL,
    cc_addresses text[] NOT NULL,
    subject      text NOT NULL,
    text_body    text NOT NULL,
    html_body    text NOT NULL,
    state        text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'sent', 'failed')),
    -- Recipients that are still to be served, and those the server has taken the mail for.
    pending      text[] NOT NULL,
    accepted     text[] NOT NULL DEFAULT '{}',
    -- A claim raises attempts and moves next_at behind the lease; only the last claimant's failure counts.
    attempts     int NOT NULL DEFAULT 0,
    next_at      timestamptz NOT NULL,
    created_at   timestamptz NOT NULL,
    finished_at  timestamptz,
    last_error   text,
    PRIMARY KEY (event_id, audience)
);
CREATE INDEX mail_due ON mail (next_at) WHERE state = 'waiting';
