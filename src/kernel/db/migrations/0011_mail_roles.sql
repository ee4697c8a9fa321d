-- Mail: postmaster@ and abuse@ of a domain are addresses of whoever owns it now, and no aliases of
-- anybody's list; and whether somebody has looked at an alias since it turned risky.
ALTER TABLE mail.aliases
  ADD COLUMN is_role boolean NOT NULL DEFAULT false,
  ADD COLUMN looked_at timestamptz;
ALTER TABLE mail.aliases DROP CONSTRAINT aliases_email_key;
CREATE UNIQUE INDEX aliases_email ON mail.aliases (email) WHERE NOT is_role;
CREATE UNIQUE INDEX aliases_role ON mail.aliases (organization_id, email) WHERE is_role;

-- The Message-ID (HMAC) of the owner's mail that an answer was made from: one that comes twice goes
-- out once.
ALTER TABLE mail.messages ADD COLUMN origin_mac bytea;
CREATE UNIQUE INDEX messages_origin ON mail.messages (alias_id, origin_mac) WHERE origin_mac IS NOT NULL;
