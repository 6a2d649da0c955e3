-- Events that this service could not take, each with the last reason; tried again now and then, and when an operator says so.
CREATE TABLE dead_letter (
    id          text PRIMARY KEY,
    type        text NOT NULL,
    payload     bytea NOT NULL, -- as it came: it may be no JSON, and no text
    reason      text NOT NULL,
    attempts    int NOT NULL,
    occurred_at timestamptz NOT NULL,
    next_at     timestamptz NOT NULL
);
CREATE INDEX dead_letter_due ON dead_letter (next_at);
