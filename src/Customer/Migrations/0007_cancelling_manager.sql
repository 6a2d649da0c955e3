-- Who of the company cancels, for the offer's updated_by. Null: the client or an operator does, or a replica of the version before wrote the row.
ALTER TABLE cancellation ADD COLUMN manager_id uuid;
