-- What is to be told before an appointment. The key makes it one mail, whoever writes it and however often.
CREATE TABLE reminder (
    booking_id  uuid NOT NULL,
    kind        text NOT NULL CHECK (kind IN ('day_before', 'hour_before')),
    recipient   text NOT NULL CHECK (recipient IN ('client', 'company')),
    -- The event_id of its mail.
    event_id    uuid NOT NULL UNIQUE DEFAULT gen_random_uuid(),
    -- An instant, from the appointment's; no zone is asked.
    due_at      timestamptz NOT NULL,
    -- From here on it says nothing new.
    expires_at  timestamptz NOT NULL,
    -- BookSaga.Contracts.BookingFinished as it was paid; gone when the reminder has ended.
    booking     jsonb,
    -- off: not wanted. late: nobody could write it in time.
    state       text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'written', 'cancelled', 'off', 'late')),
    -- A claim moves next_at behind the lease.
    attempts    int NOT NULL DEFAULT 0,
    next_at     timestamptz NOT NULL,
    finished_at timestamptz,
    PRIMARY KEY (booking_id, kind, recipient)
);
CREATE INDEX reminder_due ON reminder (next_at) WHERE state = 'waiting';
