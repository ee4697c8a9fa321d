/**
 * Works a job off, document by document. May be cut off anywhere and begun again: each document
 * concludes in one transaction (its output, its credits, its stand-ins), and one that has concluded
 * is not touched again.
 */
import { Fault } from '../../../kernel/fault.ts';
import type { Kernel } from '../../../kernel/index.ts';
import type { JobContext } from '../../../kernel/jobs/index.ts';
import { takeCredits } from '../credits.ts';
import type { Progress } from '../document.ts';
import { wireCode } from '../edge.ts';
import type { Redacted } from '../redact.ts';
import * as store from '../store.ts';
import { type BatchDeps, jobOptions, openMapping, sealMapping } from './batch.ts';
import { jobResult, moment } from './wire.ts';

const DAY_MS = 24 * 3_600_000;
/** A document that took the server down with it so often is given up. */
const MOST_ATTEMPTS = 15;
const DOCUMENT_TIMEOUT_MS = 15 * 60_000;

export async function runJob(
  deps: BatchDeps,
  { jobId }: { jobId: string },
  { signal }: Pick<JobContext, 'signal'>,
): Promise<void> {
  const { db } = deps.kernel.database;
  const job = await store.beginJob(db, jobId);
  if (!job) return;
  for (const document of await store.documentsOf(db, jobId)) {
    signal.throwIfAborted();
    const attempts = await store.beginDocument(db, document.id);
    if (attempts === undefined) continue;
    await runDocument(deps, job, { ...document, attempts }, signal);
  }
  await concludeJob(deps.kernel, job);
}

async function runDocument(
  { kernel, pool }: BatchDeps,
  job: store.JobRow,
  document: store.DocumentRow,
  signal: AbortSignal,
): Promise<void> {
  const { db } = kernel.database;
  const { organizationId } = job;
  try {
    if (document.attempts > MOST_ATTEMPTS) throw givenUp();
    const bytes = await kernel.files.bytes(document.inputFileId, organizationId);
    const options = { ...jobOptions(kernel, job), mapping: await mappingOf(kernel, job) };
    const redacted = await pool.redact(
      { bytes, fileName: document.originalName, options },
      { signal, timeoutMs: DOCUMENT_TIMEOUT_MS, onProgress: reporter(kernel, document.id) },
    );
    await deliver(kernel, job, document, redacted);
  } catch (error) {
    if (signal.aborted) {
      await store.putBackDocument(db, document.id);
      throw error;
    }
    // What may pass (database, disk) is tried again with the job; what is the file's own stays.
    if (!(error instanceof Fault) || error.code === 'unavailable') throw error;
    const { code, message, internal } = error;
    kernel.log.info({ jobId: job.id, documentId: document.id, code, internal }, 'document failed');
    await store.failDocument(db, document.id, `${wireCode(code)}: ${message}`);
  }
}

function givenUp(): Fault {
  return new Fault('unreadable_file', 'The file could not be processed in several attempts.');
}

/** Output, credits, stand-ins and status commit together. */
async function deliver(
  kernel: Kernel,
  job: store.JobRow,
  document: store.DocumentRow,
  redacted: Redacted,
): Promise<void> {
  const { organizationId } = job;
  const file = await kernel.files.put(redacted.bytes);
  const expiresAt = new Date(kernel.clock.now().getTime() + DAY_MS);
  await kernel.database.tx(async (tx) => {
    if (!(await store.lockUnfinished(tx, document.id))) return;
    await takeCredits(tx, kernel, organizationId, redacted.pageCount);
    await kernel.files.keep(tx, file.id, organizationId, expiresAt);
    await kernel.files.remove(tx, [document.inputFileId]);
    await store.completeDocument(tx, document.id, {
      processedName: redacted.fileName,
      mediaType: redacted.mediaType,
      outputFileId: file.id,
      items: redacted.items,
      credits: redacted.pageCount,
      certificate: redacted.certificate,
    });
    if (job.method === 'anonymize') {
      const sealed = sealMapping(kernel, job.id, organizationId, redacted.mapping);
      await store.saveMapping(tx, { jobId: job.id, organizationId, sealed, expiresAt });
    }
  });
}

async function mappingOf(kernel: Kernel, { id, organizationId, method }: store.JobRow) {
  if (method !== 'anonymize') return [];
  const now = kernel.clock.now();
  const sealed = await store.findMapping(kernel.database.db, organizationId, id, now);
  return sealed ? openMapping(kernel, id, organizationId, sealed) : [];
}

/** Writes progress down, one write at a time, and never waits for it. */
function reporter({ database, log }: Kernel, documentId: string) {
  let isWriting = false;
  return ({ done, total }: Progress) => {
    if (isWriting) return;
    isWriting = true;
    store
      .moveProgress(database.db, documentId, Math.floor((99 * done) / Math.max(total, 1)))
      .catch((err) => log.debug({ err }, 'progress was not written'))
      .finally(() => {
        isWriting = false;
      });
  };
}

/** Ends the job and tells its webhook, once: whoever comes second finds it ended. */
async function concludeJob(kernel: Kernel, job: store.JobRow): Promise<void> {
  const { id, organizationId } = job;
  const at = kernel.clock.now();
  const expiresAt = new Date(at.getTime() + DAY_MS);
  await kernel.database.tx(async (tx) => {
    if ((await store.lockJob(tx, organizationId, id)) !== 'processing') return;
    const documents = await store.documentsOf(tx, id);
    const done = documents.filter(({ status }) => status === 'completed');
    const status = done.length > 0 ? 'completed' : 'failed';
    const error =
      done.length > 0 ? null : (documents[0]?.error ?? 'No document could be processed.');
    await store.finishJob(tx, id, { status, error, at, expiresAt });
    for (const { outputFileId } of done) {
      if (outputFileId) await kernel.files.keep(tx, outputFileId, organizationId, expiresAt);
    }
    await kernel.files.remove(
      tx,
      documents.map(({ inputFileId }) => inputFileId),
    );
    if (!job.isReversible) await store.dropMapping(tx, id);
    const told =
      status === 'completed'
        ? { event: 'job.completed', jobId: id, result: jobResult(id, documents) }
        : { event: 'job.failed', jobId: id, error };
    await kernel.webhooks.emit(tx, {
      organizationId,
      type: status === 'completed' ? 'job.completed' : 'job.failed',
      payload: { ...told, timestamp: moment(at) },
      ...(job.webhookUrl ? { url: job.webhookUrl } : {}),
    });
  });
}
