-- The script of the EF model (Users/IdentityDb.cs); EF itself never migrates.
CREATE TABLE openid_applications (
    id uuid NOT NULL,
    application_type character varying(50),
    client_id character varying(100),
    client_secret text,
    client_type character varying(50),
    concurrency_token character varying(50),
    consent_type character varying(50),
    display_name text,
    display_names text,
    json_web_key_set text,
    permissions text,
    post_logout_redirect_uris text,
    properties text,
    redirect_uris text,
    requirements text,
    settings text,
    CONSTRAINT openid_applications_pkey PRIMARY KEY (id)
);

CREATE TABLE openid_scopes (
    id uuid NOT NULL,
    concurrency_token character varying(50),
    description text,
    descriptions text,
    display_name text,
    display_names text,
    name character varying(200),
    properties text,
    resources text,
    CONSTRAINT openid_scopes_pkey PRIMARY KEY (id)
);

CREATE TABLE users (
    id uuid NOT NULL,
    first_name text NOT NULL,
    last_name text NOT NULL,
    realm_roles text[] NOT NULL,
    client_roles text[] NOT NULL,
    service_client_id text,
    created_at timestamp with time zone NOT NULL,
    user_name character varying(256),
    normalized_user_name character varying(256),
    email character varying(256),
    normalized_email character varying(256),
    email_confirmed boolean NOT NULL,
    password_hash text,
    security_stamp text,
    concurrency_stamp text,
    lockout_end timestamp with time zone,
    access_failed_count integer NOT NULL,
    CONSTRAINT users_pkey PRIMARY KEY (id)
);

CREATE TABLE openid_authorizations (
    id uuid NOT NULL,
    application_id uuid,
    concurrency_token character varying(50),
    creation_date timestamp with time zone,
    properties text,
    scopes text,
    status character varying(50),
    subject character varying(400),
    type character varying(50),
    CONSTRAINT openid_authorizations_pkey PRIMARY KEY (id),
    CONSTRAINT openid_authorizations_application_id_fkey FOREIGN KEY (application_id) REFERENCES openid_applications (id)
);

CREATE TABLE openid_tokens (
    id uuid NOT NULL,
    application_id uuid,
    authorization_id uuid,
    concurrency_token character varying(50),
    creation_date timestamp with time zone,
    expiration_date timestamp with time zone,
    payload text,
    properties text,
    redemption_date timestamp with time zone,
    reference_id character varying(100),
    status character varying(50),
    subject character varying(400),
    type character varying(150),
    CONSTRAINT openid_tokens_pkey PRIMARY KEY (id),
    CONSTRAINT openid_tokens_application_id_fkey FOREIGN KEY (application_id) REFERENCES openid_applications (id),
    CONSTRAINT openid_tokens_authorization_id_fkey FOREIGN KEY (authorization_id) REFERENCES openid_authorizations (id)
);

CREATE UNIQUE INDEX openid_applications_client_id_idx ON openid_applications (client_id);

CREATE INDEX openid_authorizations_application_id_status_subject_type_idx ON openid_authorizations (application_id, status, subject, type);

CREATE UNIQUE INDEX openid_scopes_name_idx ON openid_scopes (name);

CREATE INDEX openid_tokens_application_id_status_subject_type_idx ON openid_tokens (application_id, status, subject, type);

CREATE INDEX openid_tokens_authorization_id_idx ON openid_tokens (authorization_id);

CREATE UNIQUE INDEX openid_tokens_reference_id_idx ON openid_tokens (reference_id);

CREATE UNIQUE INDEX users_normalized_email_idx ON users (normalized_email);

CREATE UNIQUE INDEX users_normalized_user_name_idx ON users (normalized_user_name);

CREATE UNIQUE INDEX users_service_client_id_idx ON users (service_client_id);
