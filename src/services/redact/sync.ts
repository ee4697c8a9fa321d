/** Documents done while the caller waits: nothing of them touches the disk or the database. */
import type { Kernel } from '../../kernel/index.ts';
import type { Principal } from '../../kernel/principal.ts';
import { askCredits, takeCredits } from './credits.ts';
import { stopwatch } from './detect/detect.ts';
import type { Options } from './document.ts';
import type { Redacted } from './redact.ts';
import { sha256 } from './verify/verify.ts';
import type { WorkPool } from './work/pool.ts';

export const MAX_SYNC_BYTES = 10 * 1024 * 1024;

export interface Uploaded {
  bytes: Uint8Array;
  fileName: string;
}

export interface SyncDeps {
  kernel: Kernel;
  pool: WorkPool;
}

/** What the document holds, for one credit a page. */
export async function scanDocument(
  { kernel, pool }: SyncDeps,
  principal: Principal,
  { bytes, fileName }: Uploaded,
  options: Options,
) {
  const elapsedMs = stopwatch();
  const work = { bytes, fileName, options };
  const { organizationId } = principal;
  await askCredits(kernel, organizationId, await pool.countPages(work));
  const { mediaType, pageCount, items, summary } = await pool.examine(work);
  await kernel.database.tx((tx) => takeCredits(tx, kernel, organizationId, pageCount));
  return {
    success: true as const,
    file: { name: fileName, type: mediaType, size: bytes.length, pageCount },
    framework: options.framework ?? 'pii',
    items,
    summary,
    processingTimeMs: elapsedMs(),
  };
}

/**
 * The document without what it held. An `Idempotency-Key` makes a repeat free; the same document
 * with the same options gives the same output, so nothing needs to be kept for it.
 */
export async function redactOne(
  { kernel, pool }: SyncDeps,
  principal: Principal,
  { bytes, fileName }: Uploaded,
  options: Options,
  idempotencyKey: string | undefined,
): Promise<Redacted> {
  const work = { bytes, fileName, options };
  const { organizationId } = principal;
  await askCredits(kernel, organizationId, await pool.countPages(work));
  const redacted = await pool.redact(work);
  const request = {
    key: idempotencyKey,
    operation: 'POST /redact/api/v1/redact',
    fingerprint: { sha256: sha256(bytes), fileName, options },
  };
  await kernel.idempotency.run(principal, request, async (tx) => {
    await takeCredits(tx, kernel, organizationId, redacted.pageCount);
    return { status: 200, body: { credits: redacted.pageCount } };
  });
  return redacted;
}
