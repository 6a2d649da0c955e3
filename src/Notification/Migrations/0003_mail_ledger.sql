-- A number for people, and what a mail needs beside its bodies.
ALTER TABLE mail
    ADD COLUMN id          bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
    ADD COLUMN kind        text,
    -- The Message-ID of the mail that began the thread.
    ADD COLUMN in_reply_to text,
    ADD COLUMN calendar    text,
    ADD COLUMN unsubscribe text,
    -- After this moment it is not worth sending.
    ADD COLUMN expires_at  timestamptz,
    -- Why a recipient or the last attempt failed, a stable code; last_error has the words.
    ADD COLUMN reason      text,
    ADD COLUMN resends     int NOT NULL DEFAULT 0,
    ADD COLUMN resent_at   timestamptz,
    -- A reminder tells of no event; its event_id is its own.
    DROP CONSTRAINT mail_event_id_fkey,
    DROP CONSTRAINT mail_state_check,
    ADD CONSTRAINT mail_state_check CHECK (state IN ('waiting', 'sent', 'failed', 'cancelled'));
UPDATE mail SET kind = split_part(split_part(r.type, 'booking-', 2), '.', 1) FROM received r WHERE r.event_id = mail.event_id;
ALTER TABLE mail
    ALTER COLUMN kind SET NOT NULL,
    ADD CONSTRAINT mail_kind_check CHECK (kind IN ('paid', 'failed', 'cancelled', 'day_before', 'hour_before'));
CREATE INDEX mail_by_company ON mail (company_id, audience, id DESC);
CREATE INDEX received_by_booking ON received (booking_id);

-- What came of each attempt, in the mail server's words. Written in the commit of its effect, never changed.
CREATE TABLE mail_attempt (
    id      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    mail_id bigint NOT NULL REFERENCES mail (id),
    attempt int NOT NULL,
    at      timestamptz NOT NULL,
    outcome text NOT NULL CHECK (outcome IN ('sent', 'partly', 'deferred', 'refused')),
    reason  text,
    answer  text NOT NULL
);
CREATE INDEX mail_attempt_by_mail ON mail_attempt (mail_id, id);

CREATE FUNCTION refuse_rewriting() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% of % is refused: it is append-only', TG_OP, TG_TABLE_NAME;
END $$;
CREATE TRIGGER mail_attempt_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON mail_attempt FOR EACH STATEMENT EXECUTE FUNCTION refuse_rewriting();

-- When the next mail may go to a server with a limit; one row for all replicas.
CREATE TABLE smtp_pace (
    host    text PRIMARY KEY,
    next_at timestamptz NOT NULL
);
