-- Companies and who may act for them. Lengths are in characters and the same as the use cases check; the constraints are the backstop.
CREATE TABLE company (
    id               bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    -- The work that created it: a request repeated under one Idempotency-Key finds its company instead of making another.
    operation_id     uuid NOT NULL UNIQUE,
    -- Rises with every change of the company or of its managers; other services keep the highest.
    version          bigint NOT NULL DEFAULT 0,
    name             text NOT NULL CHECK (char_length(name) BETWEEN 1 AND 255),
    address          text NOT NULL CHECK (char_length(address) BETWEEN 1 AND 500),
    phone            text NOT NULL CHECK (char_length(phone) BETWEEN 1 AND 100),
    description      text NOT NULL CHECK (char_length(description) <= 4000),
    email            text NOT NULL CHECK (char_length(email) <= 255),
    logo             text NOT NULL DEFAULT '' CHECK (char_length(logo) <= 255),
    -- Degrees; both or none.
    lat              double precision CHECK (lat BETWEEN -90 AND 90),
    lng              double precision CHECK (lng BETWEEN -180 AND 180),
    active           boolean NOT NULL DEFAULT true,
    refundable_hours int NOT NULL CHECK (refundable_hours BETWEEN 0 AND 8760),
    created_at       timestamptz NOT NULL DEFAULT now(),
    updated_at       timestamptz NOT NULL DEFAULT now(),
    CHECK ((lat IS NULL) = (lng IS NULL))
);

-- A row without user_id is an invitation: it gives no rights until somebody with that e-mail signs in.
CREATE TABLE manager (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    company_id bigint NOT NULL REFERENCES company (id),
    user_id    uuid,
    email      text NOT NULL CHECK (email = lower(email)),
    first_name text NOT NULL DEFAULT '',
    last_name  text NOT NULL DEFAULT '',
    role       text NOT NULL CHECK (role IN ('admin', 'manager')),
    created_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (company_id, user_id),
    UNIQUE (company_id, email)
);
CREATE INDEX manager_user ON manager (user_id);
CREATE INDEX manager_invited ON manager (email) WHERE user_id IS NULL;
