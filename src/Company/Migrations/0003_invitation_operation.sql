-- The work that the invitation's request asked for: a repeat under one Idempotency-Key finds its manager. Null for a company's first admin and what is older.
ALTER TABLE manager ADD COLUMN operation_id uuid UNIQUE;
