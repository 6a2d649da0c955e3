CREATE INDEX mail_by_booking ON mail (booking_id);
CREATE INDEX mail_unsent ON mail (state, created_at) WHERE state <> 'sent';
