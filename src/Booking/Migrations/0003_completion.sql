-- Paid offers whose appointment is over become completed; this finds them without reading the others.
CREATE INDEX offer_to_complete ON offer (datetime) WHERE status = 'paid';
