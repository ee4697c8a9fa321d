-- Redact: batch jobs, their documents, and the mappings that anonymised ones can be restored by.
CREATE SCHEMA IF NOT EXISTS redact;

CREATE TABLE redact.jobs (
  id text PRIMARY KEY,
  organization_id text NOT NULL,
  status text NOT NULL DEFAULT 'pending'
    CHECK (status IN ('pending', 'processing', 'completed', 'failed', 'cancelled')),
  framework text NOT NULL,
  method text NOT NULL,
  -- The rest of the options, sealed: terms and the password are the caller's secrets.
  options bytea NOT NULL,
  is_reversible boolean NOT NULL,
  webhook_url text,
  estimated_credits integer NOT NULL CHECK (estimated_credits >= 0),
  error text,
  created_at timestamptz NOT NULL,
  completed_at timestamptz,
  expires_at timestamptz NOT NULL
);
CREATE INDEX jobs_organization ON redact.jobs (organization_id, created_at DESC, id DESC);

CREATE TABLE redact.documents (
  id text PRIMARY KEY,
  job_id text NOT NULL REFERENCES redact.jobs ON DELETE CASCADE,
  organization_id text NOT NULL,
  position integer NOT NULL,
  original_name text NOT NULL,
  size_bytes bigint NOT NULL,
  input_file_id text NOT NULL,
  status text NOT NULL DEFAULT 'pending'
    CHECK (status IN ('pending', 'processing', 'completed', 'failed', 'cancelled')),
  progress integer NOT NULL DEFAULT 0 CHECK (progress BETWEEN 0 AND 100),
  -- Counts the beginnings: a file that takes the server down with it is not begun for ever.
  attempts integer NOT NULL DEFAULT 0,
  processed_name text,
  media_type text,
  output_file_id text,
  items_detected integer,
  items_processed integer,
  credits integer,
  items jsonb,       -- masked
  certificate jsonb,
  error text,
  UNIQUE (job_id, position)
);
CREATE INDEX documents_organization ON redact.documents (organization_id, id);

-- Values and their stand-ins, sealed under the organization's key.
CREATE TABLE redact.mappings (
  job_id text PRIMARY KEY REFERENCES redact.jobs ON DELETE CASCADE,
  organization_id text NOT NULL,
  sealed bytea NOT NULL,
  expires_at timestamptz NOT NULL
);
CREATE INDEX mappings_expiry ON redact.mappings (expires_at);
