-- Mail: campaigns, domains, aliases, messages and what became of them.
CREATE SCHEMA IF NOT EXISTS mail;

CREATE TABLE mail.campaigns (
  id text PRIMARY KEY,
  organization_id text NOT NULL,
  name text NOT NULL,
  is_default boolean NOT NULL DEFAULT false,
  created_at timestamptz NOT NULL
);
CREATE UNIQUE INDEX campaigns_default ON mail.campaigns (organization_id) WHERE is_default;
CREATE INDEX campaigns_organization ON mail.campaigns (organization_id, created_at DESC, id DESC);

CREATE TABLE mail.domains (
  id text PRIMARY KEY,
  organization_id text NOT NULL,
  name text NOT NULL,
  -- The secret that the ownership record shows.
  token text NOT NULL,
  -- Two DKIM keys, so that one can be replaced while the other signs. Private ones are sealed.
  dkim_keys jsonb NOT NULL,
  verified_at timestamptz,
  created_at timestamptz NOT NULL,
  UNIQUE (organization_id, name)
);
-- Many may claim a domain; one has proven it.
CREATE UNIQUE INDEX domains_verified ON mail.domains (name) WHERE verified_at IS NOT NULL;

-- Deleted aliases stay: an address, once given, is never given to anybody else.
CREATE TABLE mail.aliases (
  id text PRIMARY KEY,
  organization_id text NOT NULL,
  campaign_id text NOT NULL REFERENCES mail.campaigns,
  email text NOT NULL UNIQUE CHECK (email = lower(email)),
  is_active boolean NOT NULL DEFAULT true,
  health_status text NOT NULL DEFAULT 'healthy' CHECK (health_status IN ('healthy', 'warning', 'risky')),
  created_at timestamptz NOT NULL,
  deleted_at timestamptz
);
CREATE INDEX aliases_organization ON mail.aliases (organization_id, created_at DESC, id DESC);
CREATE INDEX aliases_campaign ON mail.aliases (campaign_id);

CREATE TABLE mail.messages (
  id text PRIMARY KEY,
  organization_id text NOT NULL,
  alias_id text NOT NULL REFERENCES mail.aliases,
  direction text NOT NULL CHECK (direction IN ('INBOUND', 'OUTBOUND')),
  -- send: by the API; answer: by the owner through a reverse alias; forward: to the owner, not shown;
  -- mail, auto_reply: what came in.
  kind text NOT NULL CHECK (kind IN ('send', 'answer', 'forward', 'mail', 'auto_reply')),
  status text NOT NULL CHECK (status IN ('queued', 'sent', 'failed', 'bounced', 'received')),
  is_bulk boolean NOT NULL DEFAULT false,
  head bytea NOT NULL, -- sealed: from, to, subject
  raw bytea,           -- sealed; until it is delivered or forwarded
  error text,
  -- HMACs, for matching answers: of the Message-ID, of the one correspondent.
  message_id_mac bytea,
  correspondent_mac bytea,
  answers_id text REFERENCES mail.messages,
  answered_at timestamptz,
  authentication jsonb, -- SPF, DKIM, DMARC, ARC of what came in
  created_at timestamptz NOT NULL,
  sent_at timestamptz,
  received_at timestamptz
);
CREATE INDEX messages_log ON mail.messages (organization_id, created_at DESC, id DESC) WHERE kind <> 'forward';
CREATE INDEX messages_alias ON mail.messages (alias_id, created_at DESC);
CREATE INDEX messages_message_id ON mail.messages (message_id_mac) WHERE message_id_mac IS NOT NULL;
-- A server that did not hear our 250 sends again.
CREATE UNIQUE INDEX messages_arrived ON mail.messages (alias_id, message_id_mac) WHERE direction = 'INBOUND';
CREATE INDEX messages_correspondent ON mail.messages (alias_id, correspondent_mac, created_at DESC);

CREATE TABLE mail.recipients (
  message_id text NOT NULL REFERENCES mail.messages ON DELETE CASCADE,
  position integer NOT NULL,
  address bytea NOT NULL, -- sealed
  address_mac bytea NOT NULL,
  domain text NOT NULL,
  status text NOT NULL CHECK (status IN ('queued', 'sent', 'failed', 'bounced')),
  complained_at timestamptz,
  bounced_at timestamptz,
  bounce_kind text CHECK (bounce_kind IN ('hard', 'soft')),
  error text,
  attempts integer NOT NULL DEFAULT 0,
  -- Whoever tries holds the recipient until then.
  claimed_until timestamptz,
  next_attempt_at timestamptz NOT NULL,
  sent_at timestamptz,
  PRIMARY KEY (message_id, position)
);
CREATE INDEX recipients_due ON mail.recipients (next_attempt_at) WHERE status = 'queued';

CREATE TABLE mail.events (
  message_id text NOT NULL REFERENCES mail.messages ON DELETE CASCADE,
  number bigint GENERATED ALWAYS AS IDENTITY,
  at timestamptz NOT NULL,
  type text NOT NULL,
  detail text,
  PRIMARY KEY (message_id, number)
);

CREATE TABLE mail.suppressions (
  organization_id text NOT NULL,
  address_mac bytea NOT NULL,
  address bytea NOT NULL, -- sealed
  reason text NOT NULL CHECK (reason IN ('hard_bounce', 'complaint', 'unsubscribe', 'manual')),
  created_at timestamptz NOT NULL,
  PRIMARY KEY (organization_id, address_mac)
);
CREATE INDEX suppressions_organization ON mail.suppressions (organization_id, created_at DESC);

-- What the owner answers to, so that the answer goes out from the alias.
CREATE TABLE mail.reverse_aliases (
  token text PRIMARY KEY,
  organization_id text NOT NULL,
  alias_id text NOT NULL REFERENCES mail.aliases,
  correspondent bytea NOT NULL, -- sealed
  correspondent_mac bytea NOT NULL,
  created_at timestamptz NOT NULL,
  UNIQUE (alias_id, correspondent_mac)
);

-- What the SMTP server has taken and not yet looked at.
CREATE TABLE mail.arrivals (
  id text PRIMARY KEY,
  -- Where it goes: {kind, …} of each recipient.
  targets jsonb NOT NULL,
  envelope bytea NOT NULL, -- sealed: client address, HELO, sender
  raw bytea NOT NULL,      -- sealed
  created_at timestamptz NOT NULL
);
CREATE INDEX arrivals_age ON mail.arrivals (created_at);
