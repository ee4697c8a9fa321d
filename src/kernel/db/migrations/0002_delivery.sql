-- What leaves the house and what stays as proof: the audit log, files, webhooks.
CREATE SCHEMA IF NOT EXISTS core;

-- The audit log. Entries refer to nothing, so that they outlive what they tell of.
CREATE TABLE core.audit_entries (
  organization_id text NOT NULL,
  number bigint NOT NULL CHECK (number > 0),
  at timestamptz NOT NULL,
  actor text NOT NULL,
  action text NOT NULL,
  target text NOT NULL,
  details jsonb NOT NULL,
  hash bytea NOT NULL,
  PRIMARY KEY (organization_id, number)
);

-- How long each chain is and how it ends: shows a tail that was cut off.
CREATE TABLE core.audit_heads (
  organization_id text PRIMARY KEY,
  entries bigint NOT NULL,
  hash bytea NOT NULL
);

CREATE FUNCTION core.refuse_audit_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'the audit log is append-only: % on % refused', TG_OP, TG_TABLE_NAME
    USING ERRCODE = 'insufficient_privilege';
END $$;

CREATE TRIGGER audit_entries_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON core.audit_entries
  FOR EACH STATEMENT EXECUTE FUNCTION core.refuse_audit_change();
CREATE TRIGGER audit_heads_stay BEFORE DELETE OR TRUNCATE ON core.audit_heads
  FOR EACH STATEMENT EXECUTE FUNCTION core.refuse_audit_change();
CREATE TRIGGER audit_heads_only_grow BEFORE UPDATE ON core.audit_heads
  FOR EACH ROW WHEN (NEW.organization_id <> OLD.organization_id
    OR NOT (NEW.entries = OLD.entries + 1 OR (NEW.entries = OLD.entries AND NEW.hash = OLD.hash)))
  EXECUTE FUNCTION core.refuse_audit_change();

-- Blobs on disk. The row is there before the bytes, so that nothing on disk is ever without one.
CREATE TABLE core.files (
  id text PRIMARY KEY,
  organization_id text, -- NULL: nobody's yet
  size_bytes bigint,    -- NULL: being written
  sha256 text,
  -- When the bytes may go: an hour after an upload that nobody kept, the end of a kept one's time,
  -- or the moment of its removal. NULL: never.
  expires_at timestamptz,
  created_at timestamptz NOT NULL
);
CREATE INDEX files_expiry ON core.files (expires_at) WHERE expires_at IS NOT NULL;

CREATE TABLE core.webhook_endpoints (
  id text PRIMARY KEY,
  organization_id text NOT NULL,
  url text NOT NULL,
  description text NOT NULL,
  types text[] NOT NULL,
  is_active boolean NOT NULL DEFAULT true,
  disabled_reason text,
  -- The first failure since the last success.
  failing_since timestamptz,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL
);
CREATE INDEX webhook_endpoints_organization ON core.webhook_endpoints (organization_id, created_at);

-- A secret is an endpoint's, or the organization's own (endpoint_id NULL) for addresses named in a
-- single request. After a rotation the old one signs along until it retires.
CREATE TABLE core.webhook_secrets (
  id text PRIMARY KEY,
  organization_id text NOT NULL,
  endpoint_id text REFERENCES core.webhook_endpoints ON DELETE CASCADE,
  sealed bytea NOT NULL,
  created_at timestamptz NOT NULL,
  retires_at timestamptz
);
CREATE UNIQUE INDEX webhook_secrets_current
  ON core.webhook_secrets (organization_id, COALESCE(endpoint_id, '')) WHERE retires_at IS NULL;

-- One event for one address. The id is the message's `webhook-id`.
CREATE TABLE core.webhook_deliveries (
  id text PRIMARY KEY,
  organization_id text NOT NULL,
  endpoint_id text REFERENCES core.webhook_endpoints ON DELETE CASCADE,
  url text, -- only where there is no endpoint
  type text NOT NULL,
  payload bytea NOT NULL, -- sealed
  status text NOT NULL DEFAULT 'pending' CHECK (status IN ('pending', 'delivered', 'failed')),
  -- Counts the rounds (the first, then one a resend) and the tries within the present one.
  round integer NOT NULL DEFAULT 1,
  tries integer NOT NULL DEFAULT 0,
  next_attempt_at timestamptz,
  created_at timestamptz NOT NULL,
  finished_at timestamptz,
  CHECK ((endpoint_id IS NULL) <> (url IS NULL))
);
CREATE INDEX webhook_deliveries_organization ON core.webhook_deliveries (organization_id, id DESC);
CREATE INDEX webhook_deliveries_endpoint ON core.webhook_deliveries (endpoint_id, id DESC);
CREATE INDEX webhook_deliveries_age ON core.webhook_deliveries (created_at);

CREATE TABLE core.webhook_attempts (
  delivery_id text NOT NULL REFERENCES core.webhook_deliveries ON DELETE CASCADE,
  number integer NOT NULL,
  at timestamptz NOT NULL,
  duration_ms integer NOT NULL,
  status integer,    -- NULL: no answer
  error text,        -- why there was none, or why it does not count
  response text NOT NULL DEFAULT '', -- its first 500 bytes
  PRIMARY KEY (delivery_id, number)
);
