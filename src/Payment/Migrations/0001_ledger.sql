-- Double entry: every completed transfer has postings that sum to 0; every balance is the sum of its postings.
CREATE TABLE account (
    id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind          text NOT NULL CHECK (kind IN ('customer', 'company', 'cash')),
    customer_id   uuid UNIQUE,
    company_id    bigint UNIQUE,
    -- Kept for customers, who must not go below 0. A company's is summed when it is read, so that no row is hot.
    balance_minor bigint CHECK (balance_minor >= 0),
    created_at    timestamptz NOT NULL DEFAULT now(),
    CHECK ((kind = 'customer') = (customer_id IS NOT NULL) AND (kind = 'company') = (company_id IS NOT NULL) AND (kind = 'customer') = (balance_minor IS NOT NULL))
) WITH (fillfactor = 80);
-- Where topped-up money comes from.
INSERT INTO account (kind) VALUES ('cash');

-- Rows are only ever added. For a booking, id is the booking's id and the row of type 'payment' is the decision: it exists once,
-- whoever comes first, Charge or Cancel. A 'refund' or 'retained' row closes a completed payment, once.
CREATE TABLE transfer (
    seq           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    id            uuid NOT NULL,
    type          text NOT NULL CHECK (type IN ('top-up', 'payment', 'refund', 'retained')),
    status        text NOT NULL CHECK (status IN ('completed', 'refused')),
    customer_id   uuid NOT NULL,
    company_id    bigint,
    offer_id      bigint,
    amount_minor  bigint NOT NULL CHECK (amount_minor > 0),
    reason        text,
    -- The customer's balance right after this row.
    balance_after bigint NOT NULL,
    created_at    timestamptz NOT NULL DEFAULT now(),
    UNIQUE (id, type)
);
CREATE UNIQUE INDEX transfer_closed_once ON transfer (id) WHERE type IN ('refund', 'retained');
CREATE INDEX transfer_by_customer ON transfer (customer_id, seq DESC);

CREATE TABLE posting (
    account_id   bigint NOT NULL REFERENCES account,
    transfer_seq bigint NOT NULL REFERENCES transfer,
    amount_minor bigint NOT NULL CHECK (amount_minor <> 0),
    PRIMARY KEY (account_id, transfer_seq)
);
