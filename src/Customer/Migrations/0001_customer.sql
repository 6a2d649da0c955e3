CREATE TABLE profile (
    id         uuid PRIMARY KEY,
    email      text NOT NULL,
    first_name text NOT NULL,
    last_name  text NOT NULL,
    photo      text,
    phone      text,
    location   double precision[],
    locale     text,
    time_zone  text,
    created    timestamptz NOT NULL DEFAULT now(),
    updated    timestamptz NOT NULL DEFAULT now()
);

-- One running verification per user. The code is kept as a hash; five wrong tries or ten minutes end it.
CREATE TABLE phone_verification (
    user_id    uuid PRIMARY KEY,
    phone      text NOT NULL,
    code_hash  bytea NOT NULL,
    expires_at timestamptz NOT NULL,
    attempts   int NOT NULL DEFAULT 0,
    -- Codes sent since sent_since, against flooding a phone.
    sent       int NOT NULL DEFAULT 1,
    sent_since timestamptz NOT NULL DEFAULT now()
);

-- A booking is its saga: live, epoch, attempts, next_at and deadline belong to the kernel, the rest to the goal.
-- pending -> paid or failed by the saga; paid -> cancelled by the cancellation, or completed when booking says that the appointment is over.
CREATE TABLE booking (
    id               uuid PRIMARY KEY,
    customer_id      uuid NOT NULL,
    offer_id         bigint NOT NULL,
    -- BookSaga.Contracts.BookingCustomer as of the request.
    customer         jsonb NOT NULL,
    status           text NOT NULL DEFAULT 'pending' CHECK (status IN ('pending', 'paid', 'failed', 'cancelled', 'completed')),
    reason           text,
    price_minor      bigint,
    -- BookSaga.Contracts.OfferSnapshot, once the offer was held.
    snapshot         jsonb,
    refundable_until timestamptz,
    live             boolean NOT NULL DEFAULT true,
    epoch            int NOT NULL DEFAULT 1,
    attempts         int NOT NULL DEFAULT 1,
    next_at          timestamptz NOT NULL,
    deadline         timestamptz NOT NULL,
    last_error       text,
    created_at       timestamptz NOT NULL DEFAULT now(),
    finished_at      timestamptz,
    CHECK (live = (status = 'pending')),
    CHECK (live = (finished_at IS NULL))
) WITH (fillfactor = 70);
CREATE INDEX booking_due ON booking (next_at) WHERE live;
CREATE INDEX booking_by_customer ON booking (customer_id, created_at DESC, id DESC);

-- The saga that cancels a paid booking; at most one per booking.
CREATE TABLE cancellation (
    booking_id  uuid PRIMARY KEY REFERENCES booking,
    by_company  boolean NOT NULL,
    note        text NOT NULL DEFAULT '',
    refund      boolean NOT NULL,
    status      text NOT NULL DEFAULT 'pending' CHECK (status IN ('pending', 'cancelled', 'refused')),
    reason      text,
    live        boolean NOT NULL DEFAULT true,
    epoch       int NOT NULL DEFAULT 1,
    attempts    int NOT NULL DEFAULT 1,
    next_at     timestamptz NOT NULL,
    deadline    timestamptz NOT NULL DEFAULT 'infinity',
    last_error  text,
    created_at  timestamptz NOT NULL DEFAULT now(),
    finished_at timestamptz,
    CHECK (live = (status = 'pending'))
);
CREATE INDEX cancellation_due ON cancellation (next_at) WHERE live;
