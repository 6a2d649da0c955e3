-- Keys of cookies, form tokens and of the tickets below.
CREATE TABLE cookie_key (
    name text PRIMARY KEY,
    xml text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
);

-- Who is signed in. The browser has the session's random key, this table its SHA-256: whoever reads the table can be nobody by it.
CREATE TABLE session (
    id bytea PRIMARY KEY,
    ticket bytea NOT NULL,
    expires_at timestamptz NOT NULL
);
CREATE INDEX session_expires_at ON session (expires_at);

-- A form that was sent after its session had ended, until its person has signed in again.
CREATE TABLE kept_form (
    id bytea PRIMARY KEY,
    path text NOT NULL,
    fields bytea NOT NULL,
    expires_at timestamptz NOT NULL
);
CREATE INDEX kept_form_expires_at ON kept_form (expires_at);
