-- An event is stored as it came, in one row; what follows from it (mails, reminders) is made from it later, in the commit that empties the payload. So
-- taking events in costs little however much is to be written, and a backlog of mail is small.
ALTER TABLE received ADD COLUMN payload json, ADD COLUMN unfold_at timestamptz;
CREATE INDEX received_folded ON received (unfold_at, event_id) WHERE payload IS NOT NULL;
