/** The SQL of Redact: jobs, their documents, mappings. Every look-up names the organization. */
import { sql } from 'kysely';
import type { Db } from '../../kernel/db/schema.ts';
import type { Item } from './items.ts';
import type { Certificate } from './verify/verify.ts';

export type Status = 'pending' | 'processing' | 'completed' | 'failed' | 'cancelled';

export interface JobRow {
  id: string;
  organizationId: string;
  status: Status;
  framework: string;
  method: string;
  options: Buffer;
  isReversible: boolean;
  webhookUrl: string | null;
  estimatedCredits: number;
  error: string | null;
  createdAt: Date;
  completedAt: Date | null;
  expiresAt: Date;
  /** Mean of its documents. */
  progress: number;
  documentCount: number;
}

export interface DocumentRow {
  id: string;
  jobId: string;
  originalName: string;
  sizeBytes: number;
  inputFileId: string;
  status: Status;
  progress: number;
  attempts: number;
  processedName: string | null;
  mediaType: string | null;
  outputFileId: string | null;
  itemsDetected: number | null;
  itemsProcessed: number | null;
  credits: number | null;
  certificate: Certificate | null;
  error: string | null;
}

export type NewJob = Omit<
  JobRow,
  'status' | 'error' | 'completedAt' | 'progress' | 'documentCount'
>;
export type NewDocument = Pick<DocumentRow, 'id' | 'originalName' | 'sizeBytes' | 'inputFileId'>;

const JOB = sql`
  j.id, j.organization_id AS "organizationId", j.status, j.framework, j.method, j.options,
  j.is_reversible AS "isReversible", j.webhook_url AS "webhookUrl",
  j.estimated_credits AS "estimatedCredits", j.error, j.created_at AS "createdAt",
  j.completed_at AS "completedAt", j.expires_at AS "expiresAt",
  (SELECT COALESCE(round(avg(d.progress)), 0)::int FROM redact.documents d WHERE d.job_id = j.id)
    AS progress,
  (SELECT count(*)::int FROM redact.documents d WHERE d.job_id = j.id) AS "documentCount"`;

const DOCUMENT = sql`
  id, job_id AS "jobId", original_name AS "originalName", size_bytes AS "sizeBytes",
  input_file_id AS "inputFileId", status, progress, attempts, processed_name AS "processedName",
  media_type AS "mediaType", output_file_id AS "outputFileId", items_detected AS "itemsDetected",
  items_processed AS "itemsProcessed", credits, certificate, error`;

export async function insertJob(
  tx: Db,
  job: NewJob,
  documents: readonly NewDocument[],
): Promise<void> {
  await sql`
    INSERT INTO redact.jobs (id, organization_id, framework, method, options, is_reversible,
      webhook_url, estimated_credits, created_at, expires_at)
    VALUES (${job.id}, ${job.organizationId}, ${job.framework}, ${job.method}, ${job.options},
      ${job.isReversible}, ${job.webhookUrl}, ${job.estimatedCredits}, ${job.createdAt},
      ${job.expiresAt})`.execute(tx);
  for (const [position, document] of documents.entries()) {
    await sql`
      INSERT INTO redact.documents
        (id, job_id, organization_id, position, original_name, size_bytes, input_file_id)
      VALUES (${document.id}, ${job.id}, ${job.organizationId}, ${position},
        ${document.originalName}, ${document.sizeBytes}, ${document.inputFileId})`.execute(tx);
  }
}

export async function findJob(
  db: Db,
  organizationId: string,
  id: string,
): Promise<JobRow | undefined> {
  const { rows } = await sql<JobRow>`
    SELECT ${JOB} FROM redact.jobs j
    WHERE j.id = ${id} AND j.organization_id = ${organizationId}`.execute(db);
  return rows[0];
}

/** For the worker, which has the id from the queue. */
export async function beginJob(db: Db, id: string): Promise<JobRow | undefined> {
  await sql`
    UPDATE redact.jobs SET status = 'processing' WHERE id = ${id} AND status = 'pending'`.execute(
    db,
  );
  const { rows } = await sql<JobRow>`
    SELECT ${JOB} FROM redact.jobs j WHERE j.id = ${id} AND j.status = 'processing'`.execute(db);
  return rows[0];
}

export async function listJobs(
  db: Db,
  organizationId: string,
  { limit, offset }: { limit: number; offset: number },
): Promise<{ jobs: JobRow[]; total: number }> {
  const { rows: jobs } = await sql<JobRow>`
    SELECT ${JOB} FROM redact.jobs j WHERE j.organization_id = ${organizationId}
    ORDER BY j.created_at DESC, j.id DESC LIMIT ${limit} OFFSET ${offset}`.execute(db);
  const { rows } = await sql<{ total: number }>`
    SELECT count(*)::int AS total FROM redact.jobs
    WHERE organization_id = ${organizationId}`.execute(db);
  return { jobs, total: rows[0]?.total ?? 0 };
}

/** The job's status, locked until the transaction ends. */
export async function lockJob(
  tx: Db,
  organizationId: string,
  id: string,
): Promise<Status | undefined> {
  const { rows } = await sql<{ status: Status }>`
    SELECT status FROM redact.jobs WHERE id = ${id} AND organization_id = ${organizationId}
    FOR UPDATE`.execute(tx);
  return rows[0]?.status;
}

export async function cancelJob(tx: Db, id: string, now: Date): Promise<void> {
  await sql`
    UPDATE redact.jobs SET status = 'cancelled', completed_at = ${now} WHERE id = ${id}`.execute(
    tx,
  );
  await sql`UPDATE redact.documents SET status = 'cancelled' WHERE job_id = ${id}`.execute(tx);
}

export async function finishJob(
  tx: Db,
  id: string,
  {
    status,
    error,
    at,
    expiresAt,
  }: { status: Status; error: string | null; at: Date; expiresAt: Date },
): Promise<void> {
  await sql`
    UPDATE redact.jobs
    SET status = ${status}, error = ${error}, completed_at = ${at}, expires_at = ${expiresAt}
    WHERE id = ${id}`.execute(tx);
}

export async function documentsOf(db: Db, jobId: string): Promise<DocumentRow[]> {
  const { rows } = await sql<DocumentRow>`
    SELECT ${DOCUMENT} FROM redact.documents WHERE job_id = ${jobId} ORDER BY position`.execute(db);
  return rows;
}

/**
 * Counts a beginning; undefined where the document is done already. Its progress stays until it is
 * passed: nobody who looks sees it go back.
 */
export async function beginDocument(db: Db, id: string): Promise<number | undefined> {
  const { rows } = await sql<{ attempts: number }>`
    UPDATE redact.documents SET status = 'processing', attempts = attempts + 1
    WHERE id = ${id} AND status IN ('pending', 'processing') RETURNING attempts`.execute(db);
  return rows[0]?.attempts;
}

/** An orderly stop is no failed attempt. */
export async function putBackDocument(db: Db, id: string): Promise<void> {
  await sql`
    UPDATE redact.documents SET status = 'pending', attempts = attempts - 1
    WHERE id = ${id} AND status = 'processing'`.execute(db);
}

export async function moveProgress(db: Db, id: string, progress: number): Promise<void> {
  await sql`
    UPDATE redact.documents SET progress = ${progress}
    WHERE id = ${id} AND status = 'processing' AND progress < ${progress}`.execute(db);
}

/** True where it is this worker that may finish the document: locked until the transaction ends. */
export async function lockUnfinished(tx: Db, id: string): Promise<boolean> {
  const { rows } = await sql`
    SELECT 1 FROM redact.documents WHERE id = ${id} AND status = 'processing'
    FOR UPDATE`.execute(tx);
  return rows.length === 1;
}

export interface DocumentResult {
  processedName: string;
  mediaType: string;
  outputFileId: string;
  items: readonly Item[];
  credits: number;
  certificate: Certificate;
}

export async function completeDocument(tx: Db, id: string, result: DocumentResult): Promise<void> {
  const { processedName, mediaType, outputFileId, items, credits, certificate } = result;
  await sql`
    UPDATE redact.documents
    SET status = 'completed', progress = 100, processed_name = ${processedName},
      media_type = ${mediaType}, output_file_id = ${outputFileId},
      items_detected = ${items.length}, items_processed = ${items.length}, credits = ${credits},
      items = ${JSON.stringify(items)}, certificate = ${JSON.stringify(certificate)}
    WHERE id = ${id}`.execute(tx);
}

export async function failDocument(tx: Db, id: string, error: string): Promise<void> {
  await sql`
    UPDATE redact.documents SET status = 'failed', progress = 100, error = ${error}
    WHERE id = ${id} AND status IN ('pending', 'processing')`.execute(tx);
}

export async function saveMapping(
  tx: Db,
  mapping: { jobId: string; organizationId: string; sealed: Buffer; expiresAt: Date },
): Promise<void> {
  const { jobId, organizationId, sealed, expiresAt } = mapping;
  await sql`
    INSERT INTO redact.mappings (job_id, organization_id, sealed, expires_at)
    VALUES (${jobId}, ${organizationId}, ${sealed}, ${expiresAt})
    ON CONFLICT (job_id) DO UPDATE SET sealed = ${sealed}, expires_at = ${expiresAt}`.execute(tx);
}

export async function findMapping(
  db: Db,
  organizationId: string,
  jobId: string,
  now: Date,
): Promise<Buffer | undefined> {
  const { rows } = await sql<{ sealed: Buffer }>`
    SELECT sealed FROM redact.mappings
    WHERE job_id = ${jobId} AND organization_id = ${organizationId}
      AND expires_at > ${now}`.execute(db);
  return rows[0]?.sealed;
}

export async function dropMapping(tx: Db, jobId: string): Promise<void> {
  await sql`DELETE FROM redact.mappings WHERE job_id = ${jobId}`.execute(tx);
}

export async function dropExpired(db: Db, now: Date, oldest: Date): Promise<void> {
  await sql`DELETE FROM redact.mappings WHERE expires_at <= ${now}`.execute(db);
  await sql`
    DELETE FROM redact.jobs WHERE completed_at <= ${oldest}`.execute(db);
}

export interface JobCounts {
  completed: number;
  failed: number;
  total: number;
  creditsUsed: number;
}

export async function countJobs(db: Db, organizationId: string, since: Date): Promise<JobCounts> {
  const { rows } = await sql<JobCounts>`
    SELECT count(*) FILTER (WHERE status = 'completed')::int AS completed,
      count(*) FILTER (WHERE status = 'failed')::int AS failed, count(*)::int AS total,
      (SELECT COALESCE(sum(d.credits), 0)::int FROM redact.documents d
        JOIN redact.jobs i ON i.id = d.job_id
        WHERE i.organization_id = ${organizationId} AND i.created_at > ${since}) AS "creditsUsed"
    FROM redact.jobs WHERE organization_id = ${organizationId}
      AND created_at > ${since}`.execute(db);
  return rows[0] ?? { completed: 0, failed: 0, total: 0, creditsUsed: 0 };
}
