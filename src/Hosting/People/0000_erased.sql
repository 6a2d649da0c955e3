-- Who was deleted a short while ago: their access tokens live on for some minutes and must open nothing.
CREATE TABLE erased_person (
    user_id uuid PRIMARY KEY,
    at      timestamptz NOT NULL DEFAULT now()
);
