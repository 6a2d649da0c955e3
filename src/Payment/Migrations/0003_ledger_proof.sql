-- The ledger only grows. The triggers are per statement and not on INSERT, so what adds rows pays nothing for them.
CREATE FUNCTION refuse_rewriting() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the ledger is append-only: % of % is refused', TG_OP, TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;

CREATE TRIGGER transfer_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON transfer FOR EACH STATEMENT EXECUTE FUNCTION refuse_rewriting();
CREATE TRIGGER posting_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON posting FOR EACH STATEMENT EXECUTE FUNCTION refuse_rewriting();
-- An account's balance moves, its owner never does.
CREATE TRIGGER account_owner_fixed BEFORE UPDATE OF id, kind, customer_id, company_id ON account FOR EACH STATEMENT EXECUTE FUNCTION refuse_rewriting();
CREATE TRIGGER account_stays BEFORE DELETE OR TRUNCATE ON account FOR EACH STATEMENT EXECUTE FUNCTION refuse_rewriting();

-- One account for money from outside, found without reading the others.
CREATE UNIQUE INDEX account_one_cash ON account (kind) WHERE kind = 'cash';

-- Transfers are sealed in blocks, in the background, in the order of seq. A block covers what is above the previous last_seq and up
-- to its own, and its hash covers the previous block's: see docs/ledger.md.
CREATE TABLE block (
    number        bigint PRIMARY KEY CHECK (number > 0),
    first_seq     bigint NOT NULL,
    last_seq      bigint NOT NULL UNIQUE,
    count         integer NOT NULL CHECK (count > 0),
    -- All transfers, and the sum of all postings, up to the end of this block.
    transfers     bigint NOT NULL,
    trial_balance bigint NOT NULL,
    merkle_root   bytea NOT NULL CHECK (octet_length(merkle_root) = 32),
    previous_hash bytea NOT NULL UNIQUE CHECK (octet_length(previous_hash) = 32),
    hash          bytea NOT NULL UNIQUE CHECK (octet_length(hash) = 32),
    sealed_at     timestamptz NOT NULL,
    CHECK (first_seq <= last_seq)
);
CREATE TRIGGER block_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON block FOR EACH STATEMENT EXECUTE FUNCTION refuse_rewriting();
