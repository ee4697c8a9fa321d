/** Batch jobs as their callers see them: made, listed, looked at, cancelled, restored from. */
import { Fault } from '../../../kernel/fault.ts';
import { newId } from '../../../kernel/ids.ts';
import type { Kernel } from '../../../kernel/index.ts';
import { jobType } from '../../../kernel/jobs/index.ts';
import type { Principal } from '../../../kernel/principal.ts';
import { type Replaced, restoreText } from '../anonymize/stand-ins.ts';
import { askCredits } from '../credits.ts';
import type { Options } from '../document.ts';
import type { JobForm } from '../schema.ts';
import * as store from '../store.ts';
import type { WorkPool } from '../work/pool.ts';
import { jobHead, jobResult } from './wire.ts';

export const MAX_JOB_FILES = 100;
export const MAX_JOB_FILE_BYTES = 100 * 1024 * 1024;
export const MAX_JOB_BYTES = 1024 * 1024 * 1024;

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
/** No form takes longer to come; what a crash left of one goes then. */
const UPLOAD_LIFE_MS = DAY_MS;
/** Files of a job wait for their turn no longer than this. */
const INPUT_LIFE_MS = 7 * DAY_MS;

/**
 * Handlers find done what is done, so that runs may repeat; a long batch is no failure. After an
 * outage, or a night of restarts, a job goes on within a minute, as long as there are its files.
 */
export const RUN_JOB = jobType<{ jobId: string }>('redact.job', {
  retryLimit: INPUT_LIFE_MS / MINUTE_MS,
  retryDelayS: 1,
  longestDelayS: 60,
  expireInS: 6 * 3600,
  concurrency: 2,
});

export interface BatchDeps {
  kernel: Kernel;
  pool: WorkPool;
}

/** A file of a form, stored and the organization's. */
export interface StoredUpload {
  fileId: string;
  fileName: string;
  sizeBytes: number;
  sha256: string;
}

/** Stores one upload durably. It is the organization's at once, so that it can be read. */
export async function storeUpload(
  { kernel }: BatchDeps,
  { organizationId }: Principal,
  content: Parameters<Kernel['files']['put']>[0],
  fileName: string,
): Promise<StoredUpload> {
  const { id, sizeBytes, sha256 } = await kernel.files.put(content, {
    maxBytes: MAX_JOB_FILE_BYTES,
  });
  const expiresAt = new Date(kernel.clock.now().getTime() + UPLOAD_LIFE_MS);
  await kernel.database.tx((tx) => kernel.files.keep(tx, id, organizationId, expiresAt));
  return { fileId: id, fileName, sizeBytes, sha256 };
}

/** Fault `payload_too_large` where the files together are too much. */
export function refuseTooMuch(uploads: readonly StoredUpload[]): void {
  if (uploads.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0) > MAX_JOB_BYTES) {
    throw new Fault('payload_too_large', 'The files of a job may have 1024 MB together.');
  }
}

export async function dropUploads({ kernel }: BatchDeps, uploads: readonly StoredUpload[]) {
  if (uploads.length === 0) return;
  await kernel.database.tx((tx) =>
    kernel.files.remove(
      tx,
      uploads.map(({ fileId }) => fileId),
    ),
  );
}

/**
 * Makes a job of stored uploads; they go again where it is not made.
 * Faults: `insufficient_credits` where the estimate is not covered, `invalid_request` for an address.
 */
export async function createJob(
  deps: BatchDeps,
  principal: Principal,
  form: JobForm,
  uploads: readonly StoredUpload[],
  idempotencyKey: string | undefined,
) {
  const { kernel } = deps;
  const jobId = newId('job_', kernel.clock.now());
  try {
    if (form.webhookUrl) await kernel.webhooks.checkUrl(form.webhookUrl, 'webhookUrl');
    const estimatedCredits = await estimate(deps, principal, form, uploads);
    await askCredits(kernel, principal.organizationId, estimatedCredits);
    const request = {
      key: idempotencyKey,
      operation: 'POST /redact/api/v1/jobs',
      fingerprint: { form, files: uploads.map(({ fileName, sha256 }) => ({ fileName, sha256 })) },
    };
    const answer = await kernel.idempotency.run(principal, request, async (tx) => {
      const job = newJob(kernel, principal, jobId, form, estimatedCredits);
      await store.insertJob(
        tx,
        job,
        uploads.map((upload) => newDocument(kernel, upload)),
      );
      const keptUntil = new Date(job.createdAt.getTime() + INPUT_LIFE_MS);
      for (const { fileId } of uploads) {
        await kernel.files.keep(tx, fileId, job.organizationId, keptUntil);
      }
      await kernel.jobs.send(RUN_JOB, { jobId }, { tx });
      const status = 'pending';
      const statusUrl = `/api/v1/jobs/${jobId}`;
      const documentCount = uploads.length;
      const body = { success: true, jobId, status, estimatedCredits, documentCount, statusUrl };
      return { status: 200, body };
    });
    // A repeat has made no job: what it uploaded again is not needed.
    if ((answer.body as { jobId: string }).jobId !== jobId) await dropUploads(deps, uploads);
    return answer;
  } catch (error) {
    await dropUploads(deps, uploads);
    throw error;
  }
}

/** Pages of the files that can be read; the others will fail alone and cost nothing. */
async function estimate(
  { kernel, pool }: BatchDeps,
  { organizationId }: Principal,
  { password }: JobForm & { password?: string },
  uploads: readonly StoredUpload[],
): Promise<number> {
  let credits = 0;
  for (const { fileId, fileName } of uploads) {
    const bytes = await kernel.files.bytes(fileId, organizationId);
    try {
      credits += await pool.countPages({ bytes, fileName, options: { password } });
    } catch (error) {
      if (!(error instanceof Fault) || error.code === 'unavailable') throw error;
    }
  }
  return credits;
}

function newJob(
  { clock, keyring }: Kernel,
  { organizationId }: Principal,
  id: string,
  form: JobForm,
  estimatedCredits: number,
): store.NewJob {
  const { webhookUrl, reversible, framework = 'pii', method = 'redact', ...rest } = form;
  const createdAt = clock.now();
  return {
    ...{ id, organizationId, framework, method, estimatedCredits, createdAt },
    options: keyring.seal('redact-options', JSON.stringify(rest), id),
    isReversible: reversible ?? false,
    webhookUrl: webhookUrl ?? null,
    expiresAt: new Date(createdAt.getTime() + DAY_MS),
  };
}

function newDocument({ clock }: Kernel, upload: StoredUpload): store.NewDocument {
  const { fileId, fileName, sizeBytes } = upload;
  const id = newId('doc_', clock.now());
  return { id, originalName: fileName, sizeBytes, inputFileId: fileId };
}

export function jobOptions({ keyring }: Kernel, job: store.JobRow): Options {
  const rest = JSON.parse(
    keyring.open('redact-options', job.options, job.id).toString(),
  ) as Options;
  return { ...rest, framework: job.framework, method: job.method } as Options;
}

/** Fault `not_found` for another organization's. */
export async function findJob(
  { kernel }: BatchDeps,
  { organizationId }: Principal,
  id: string,
): Promise<store.JobRow> {
  const job = await store.findJob(kernel.database.db, organizationId, id);
  if (!job) throw new Fault('not_found', 'There is no such job.');
  return job;
}

export async function showJob(deps: BatchDeps, principal: Principal, id: string) {
  const job = await findJob(deps, principal, id);
  const documents = await store.documentsOf(deps.kernel.database.db, id);
  return {
    success: true as const,
    ...jobHead(job),
    documents: documents.map((document) => ({
      id: document.id,
      originalName: document.originalName,
      size: document.sizeBytes,
      status: document.status,
      progress: document.progress,
      itemsDetected: document.itemsDetected,
      error: document.error,
    })),
    result: job.status === 'completed' ? jobResult(job.id, documents) : null,
  };
}

export async function listJobs(
  { kernel }: BatchDeps,
  { organizationId }: Principal,
  page: { limit: number; offset: number },
) {
  const { jobs, total } = await store.listJobs(kernel.database.db, organizationId, page);
  const hasMore = page.offset + jobs.length < total;
  return {
    success: true as const,
    jobs: jobs.map(jobHead),
    pagination: { ...page, total, hasMore },
  };
}

/** Fault `conflict` once work has begun. */
export async function cancelJob({ kernel }: BatchDeps, { organizationId }: Principal, id: string) {
  await kernel.database.tx(async (tx) => {
    const status = await store.lockJob(tx, organizationId, id);
    if (!status) throw new Fault('not_found', 'There is no such job.');
    if (status !== 'pending') {
      throw new Fault('conflict', `The job is ${status}; only a pending one can be cancelled.`);
    }
    await store.cancelJob(tx, id, kernel.clock.now());
    const documents = await store.documentsOf(tx, id);
    await kernel.files.remove(
      tx,
      documents.map(({ inputFileId }) => inputFileId),
    );
  });
  return { success: true as const, id, status: 'cancelled' as const };
}

/** Turns the stand-ins of a reversible job back. Fault `not_found` where no mapping is kept. */
export async function restore(
  { kernel }: BatchDeps,
  { organizationId }: Principal,
  { jobId, text }: { jobId: string; text: string },
) {
  const now = kernel.clock.now();
  const sealed = await store.findMapping(kernel.database.db, organizationId, jobId, now);
  if (!sealed) throw new Fault('not_found', 'No stand-ins are kept for such a job.');
  return {
    success: true as const,
    text: restoreText(text, openMapping(kernel, jobId, organizationId, sealed)),
  };
}

export function sealMapping(
  { keyring }: Kernel,
  jobId: string,
  organizationId: string,
  mapping: readonly Replaced[],
): Buffer {
  return keyring.seal(`redact-mapping:${organizationId}`, JSON.stringify(mapping), jobId);
}

export function openMapping(
  { keyring }: Kernel,
  jobId: string,
  organizationId: string,
  sealed: Buffer,
): Replaced[] {
  const plain = keyring.open(`redact-mapping:${organizationId}`, sealed, jobId);
  return JSON.parse(plain.toString()) as Replaced[];
}
