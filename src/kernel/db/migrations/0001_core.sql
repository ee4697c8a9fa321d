-- Who uses the server and what they may: plans, organizations, people, keys, credits.
CREATE SCHEMA IF NOT EXISTS core;

-- A figure that a plan leaves out of `limits` is unlimited (1,000,000,000).
CREATE TABLE core.plans (
  id text PRIMARY KEY,
  name text NOT NULL,
  -- The order in which they are listed.
  position integer NOT NULL,
  limits jsonb NOT NULL CHECK (jsonb_typeof(limits) = 'object')
);

INSERT INTO core.plans (position, id, name, limits) VALUES
  (1, 'starter', 'Starter', '{
    "mail.requests_per_hour": 1000, "mail.aliases": 25, "mail.domains": 1,
    "mail.sends_per_month": 5000,
    "track.requests_per_minute": 60, "track.requests_per_day": 10000, "track.campaigns": 25,
    "gate.credits_per_month": 10000, "gate.flows": 5, "gate.requests_per_minute": 60,
    "redact.requests_per_minute": 60, "redact.credits_per_month": 1000}'),
  (2, 'professional', 'Professional', '{
    "mail.requests_per_hour": 1000, "mail.aliases": 250, "mail.domains": 10,
    "mail.sends_per_month": 50000,
    "track.requests_per_minute": 300, "track.requests_per_day": 100000, "track.campaigns": 250,
    "gate.credits_per_month": 100000, "gate.flows": 50, "gate.requests_per_minute": 300,
    "redact.requests_per_minute": 60, "redact.credits_per_month": 10000}'),
  (3, 'enterprise', 'Enterprise', '{
    "mail.requests_per_hour": 1000, "mail.aliases": 10000, "mail.domains": 100,
    "mail.sends_per_month": 1000000,
    "track.requests_per_minute": 1000, "track.campaigns": 10000,
    "gate.credits_per_month": 5000000, "gate.flows": 1000, "gate.requests_per_minute": 1000,
    "redact.requests_per_minute": 60, "redact.credits_per_month": 100000}'),
  (4, 'unlimited', 'Unlimited', '{
    "mail.requests_per_hour": 1000, "track.requests_per_minute": 1000,
    "gate.requests_per_minute": 1000, "redact.requests_per_minute": 60}');

CREATE TABLE core.organizations (
  id text PRIMARY KEY,
  name text NOT NULL,
  time_zone text NOT NULL DEFAULT 'UTC',
  plan_id text NOT NULL REFERENCES core.plans,
  created_at timestamptz NOT NULL
);

-- A person belongs to one organization. Addresses are kept in lower case.
CREATE TABLE core.users (
  id text PRIMARY KEY,
  organization_id text NOT NULL REFERENCES core.organizations ON DELETE CASCADE,
  email text NOT NULL UNIQUE CHECK (email = lower(email)),
  password_hash text NOT NULL,
  role text NOT NULL CHECK (role IN ('owner', 'admin', 'member', 'read-only')),
  -- Goes into every session token; a raised one ends them all.
  token_version integer NOT NULL DEFAULT 1,
  created_at timestamptz NOT NULL
);
CREATE INDEX users_organization ON core.users (organization_id, created_at, id);

-- What session tokens are signed with. The newest signs, the others verify until their tokens died.
CREATE TABLE core.signing_keys (
  id text PRIMARY KEY,
  sealed bytea NOT NULL,
  created_at timestamptz NOT NULL
);

CREATE TABLE core.api_keys (
  id text PRIMARY KEY,
  number bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
  organization_id text NOT NULL REFERENCES core.organizations ON DELETE CASCADE,
  service text NOT NULL CHECK (service IN ('mail', 'track', 'gate', 'redact')),
  label text NOT NULL,
  scopes text[] NOT NULL,
  expires_at timestamptz,
  revoked_at timestamptz,
  last_used_at timestamptz,
  created_at timestamptz NOT NULL
);
CREATE INDEX api_keys_organization ON core.api_keys (organization_id, number);

-- The secrets of a key: one that holds, and for a while after a rotation the one before.
CREATE TABLE core.api_key_secrets (
  id text PRIMARY KEY,
  key_id text NOT NULL REFERENCES core.api_keys ON DELETE CASCADE,
  -- HMAC of what a client presents, under the installation's key.
  lookup bytea NOT NULL UNIQUE,
  first_four text NOT NULL,
  last_four text NOT NULL,
  sealed bytea, -- Gate only
  created_at timestamptz NOT NULL,
  retires_at timestamptz
);
CREATE UNIQUE INDEX api_key_secrets_current ON core.api_key_secrets (key_id)
  WHERE retires_at IS NULL;
CREATE INDEX api_key_secrets_key ON core.api_key_secrets (key_id);

-- Credits. `used` and `extra_used` count since the beginning of `month`; `extra` is what is left of
-- one-off credits, whenever they were granted.
CREATE TABLE core.balances (
  organization_id text NOT NULL REFERENCES core.organizations ON DELETE CASCADE,
  meter text NOT NULL,
  month date NOT NULL,
  used bigint NOT NULL DEFAULT 0 CHECK (used >= 0),
  extra bigint NOT NULL DEFAULT 0 CHECK (extra >= 0),
  extra_used bigint NOT NULL DEFAULT 0 CHECK (extra_used >= 0),
  PRIMARY KEY (organization_id, meter)
);

-- The row of a meter, locked until the transaction ends, its monthly part started anew when a month
-- has begun. A node whose clock is behind does not turn it back.
CREATE FUNCTION core.lock_balance(p_organization text, p_meter text, p_month date)
RETURNS core.balances LANGUAGE plpgsql AS $$
DECLARE
  balance core.balances;
BEGIN
  SELECT * INTO balance FROM core.balances
    WHERE organization_id = p_organization AND meter = p_meter FOR UPDATE;
  IF NOT FOUND THEN
    INSERT INTO core.balances (organization_id, meter, month)
      VALUES (p_organization, p_meter, p_month) ON CONFLICT DO NOTHING;
    SELECT * INTO balance FROM core.balances
      WHERE organization_id = p_organization AND meter = p_meter FOR UPDATE;
  END IF;
  IF balance.month < p_month THEN
    UPDATE core.balances SET month = p_month, used = 0, extra_used = 0
      WHERE organization_id = p_organization AND meter = p_meter RETURNING * INTO balance;
  END IF;
  RETURN balance;
END $$;

-- Takes credits: the month's first, then one-off ones. One statement for the caller, so that the lock
-- is held for as few round trips as can be.
CREATE FUNCTION core.take_credits(
  p_organization text, p_meter text, p_month date, p_quota_name text, p_unlimited bigint,
  p_amount bigint, p_partial boolean, OUT taken bigint, OUT available bigint)
LANGUAGE plpgsql AS $$
DECLARE
  balance core.balances := core.lock_balance(p_organization, p_meter, p_month);
  quota bigint;
  of_month bigint;
BEGIN
  SELECT COALESCE((p.limits ->> p_quota_name)::bigint, p_unlimited) INTO STRICT quota
    FROM core.organizations o JOIN core.plans p ON p.id = o.plan_id WHERE o.id = p_organization;
  of_month := GREATEST(quota - balance.used, 0);
  available := of_month + balance.extra;
  taken := CASE WHEN available >= p_amount THEN p_amount WHEN p_partial THEN available ELSE 0 END;
  of_month := LEAST(taken, of_month);
  IF taken > 0 THEN
    UPDATE core.balances SET used = used + of_month, extra = extra - (taken - of_month),
        extra_used = extra_used + (taken - of_month)
      WHERE organization_id = p_organization AND meter = p_meter;
  END IF;
  available := available - taken;
END $$;

-- An answer that was given, for the repeats of its request.
CREATE TABLE core.idempotency_keys (
  -- HMAC of organization, operation and key.
  id bytea PRIMARY KEY,
  organization_id text NOT NULL REFERENCES core.organizations ON DELETE CASCADE,
  fingerprint bytea NOT NULL,
  answer bytea, -- sealed; NULL only within the transaction that makes it
  expires_at timestamptz NOT NULL
);
CREATE INDEX idempotency_keys_expiry ON core.idempotency_keys (expires_at);
