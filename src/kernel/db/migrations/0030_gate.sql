-- Gate: flows and rules as they are set, decisions as they were made, and what is counted of them.
CREATE SCHEMA IF NOT EXISTS gate;

CREATE TABLE gate.flows (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  organization_id text NOT NULL REFERENCES core.organizations ON DELETE CASCADE,
  name text NOT NULL,
  key_id text REFERENCES core.api_keys ON DELETE SET NULL,
  white_url text NOT NULL,
  white_mode text NOT NULL CHECK (white_mode IN ('redirect', 'local')),
  money_url text NOT NULL,
  money_mode text NOT NULL CHECK (money_mode IN ('redirect', 'local')),
  cloaking_enabled boolean NOT NULL,
  block_vpn_proxy boolean NOT NULL,
  block_ipv6 boolean NOT NULL,
  allow_known_bots boolean NOT NULL,
  allow_datacenter boolean NOT NULL,
  allow_blocklist_hits boolean NOT NULL,
  flag_is_allowed boolean NOT NULL,
  max_clicks_per_ip_per_day integer NOT NULL CHECK (max_clicks_per_ip_per_day >= 0),
  warmup_clicks integer NOT NULL CHECK (warmup_clicks >= 0),
  blocked_countries text[] NOT NULL,
  allowed_devices text[] NOT NULL,
  status text NOT NULL CHECK (status IN ('active', 'paused')),
  threshold_flag integer NOT NULL,
  threshold_challenge integer NOT NULL,
  threshold_block integer NOT NULL,
  time_zone text,
  shadow boolean NOT NULL,
  created_at timestamptz NOT NULL,
  CHECK (0 < threshold_flag AND threshold_flag <= threshold_challenge
    AND threshold_challenge <= threshold_block AND threshold_block <= 100)
);
CREATE INDEX flows_organization ON gate.flows (organization_id, id DESC);

CREATE TABLE gate.rules (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  organization_id text NOT NULL REFERENCES core.organizations ON DELETE CASCADE,
  name text NOT NULL,
  match text NOT NULL CHECK (match IN ('all', 'any')),
  conditions jsonb NOT NULL,
  action text NOT NULL CHECK (action IN ('allow', 'flag', 'challenge', 'block')),
  priority integer NOT NULL,
  is_active boolean NOT NULL,
  created_at timestamptz NOT NULL
);
CREATE INDEX rules_organization ON gate.rules (organization_id, priority, id);

-- What was decided, about whom, and in `record` everything that it was decided by: what was seen,
-- the signals with their weights, the gates, the rule, the versions of the data.
CREATE TABLE gate.decisions (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  organization_id text NOT NULL,
  at timestamptz NOT NULL,
  flow_id bigint,
  key_id text, -- NULL: asked within the server, not by a key
  ip inet NOT NULL,
  country text,
  asn bigint,
  org text,
  device text NOT NULL,
  verdict text NOT NULL CHECK (verdict IN ('allow', 'flag', 'challenge', 'block')),
  score integer NOT NULL CHECK (score BETWEEN 0 AND 100),
  reasons text[] NOT NULL,
  rule_matched text,
  record json NOT NULL
);
CREATE INDEX decisions_organization ON gate.decisions (organization_id, id DESC);
CREATE INDEX decisions_flow ON gate.decisions (flow_id, id DESC) WHERE flow_id IS NOT NULL;

-- Visits of a flow: all of them, and those of its latest day. No reference to the flow: a visit that
-- is being judged while the flow is deleted must not fail the others of its transaction.
CREATE TABLE gate.flow_visits (
  flow_id bigint PRIMARY KEY,
  total bigint NOT NULL,
  day date NOT NULL,
  today bigint NOT NULL
);

-- Visits of an address (of IPv6 a /64) to a flow in a day, for the daily cap. Swept after two days.
CREATE TABLE gate.address_days (
  flow_id bigint NOT NULL,
  day date NOT NULL,
  address inet NOT NULL,
  visits integer NOT NULL,
  PRIMARY KEY (flow_id, day, address)
);
CREATE INDEX address_days_day ON gate.address_days (day);

-- Decisions by day of the organization, kept in the transaction that records them.
CREATE TABLE gate.day_counts (
  organization_id text NOT NULL,
  day date NOT NULL,
  verdict text NOT NULL,
  country text NOT NULL, -- empty: not known
  decisions bigint NOT NULL,
  PRIMARY KEY (organization_id, day, verdict, country)
);
