/** What a job has made, streamed: one document, or all of them in one zip. */
import { Readable } from 'node:stream';
import { Zip, ZipPassThrough } from 'fflate';
import { Fault } from '../../../kernel/fault.ts';
import type { Principal } from '../../../kernel/principal.ts';
import * as store from '../store.ts';
import { type BatchDeps, findJob } from './batch.ts';

export interface Download {
  stream: Readable;
  fileName: string;
  mediaType: string;
}

/** Faults: `not_found` (also once expired), `conflict` before the job is completed. */
export async function openDownload(
  deps: BatchDeps,
  principal: Principal,
  jobId: string,
  documentId: string | undefined,
): Promise<Download> {
  const { kernel } = deps;
  const job = await findJob(deps, principal, jobId);
  if (job.status !== 'completed') {
    throw new Fault('conflict', `The job is ${job.status}; there is nothing to download.`);
  }
  if (job.expiresAt <= kernel.clock.now()) {
    throw new Fault('not_found', 'The files of this job have expired.');
  }
  const documents = await store.documentsOf(kernel.database.db, jobId);
  const done = documents.filter(({ outputFileId }) => outputFileId !== null);
  if (documentId === undefined) {
    const entries = uniqueNames(done).map(([name, fileId]) => ({
      name,
      open: () => kernel.files.read(fileId, principal.organizationId),
    }));
    return {
      stream: Readable.from(zipped(entries)),
      fileName: `${jobId}.zip`,
      mediaType: 'application/zip',
    };
  }
  const document = done.find(({ id }) => id === documentId);
  if (!document?.outputFileId) throw new Fault('not_found', 'The job has no such document.');
  return {
    stream: await kernel.files.read(document.outputFileId, principal.organizationId),
    fileName: document.processedName ?? 'document',
    mediaType: document.mediaType ?? 'application/octet-stream',
  };
}

/** Two files of one name get a number, so that both come out of the zip. */
function uniqueNames(documents: readonly store.DocumentRow[]): [name: string, fileId: string][] {
  const used = new Set<string>();
  return documents.map(({ processedName, outputFileId }) => {
    const name = processedName ?? 'document';
    const [, stem = name, extension = ''] = /^(.{1,300}?)(\.[^.]{1,10})?$/s.exec(name) ?? [];
    let unique = name;
    for (let n = 2; used.has(unique.toLowerCase()); n++) unique = `${stem} (${n})${extension}`;
    used.add(unique.toLowerCase());
    return [unique, outputFileId ?? ''];
  });
}

interface Entry {
  name: string;
  open(): Promise<Readable>;
}

/** A zip, stored without compression, a chunk at a time. */
async function* zipped(entries: readonly Entry[]): AsyncGenerator<Uint8Array> {
  const ready: Uint8Array[] = [];
  const zip = new Zip((error, chunk) => {
    if (error) throw error;
    ready.push(chunk);
  });
  for (const { name, open } of entries) {
    const file = new ZipPassThrough(name);
    zip.add(file);
    for await (const chunk of await open()) {
      file.push(chunk as Uint8Array);
      yield* ready.splice(0);
    }
    file.push(new Uint8Array(0), true);
    yield* ready.splice(0);
  }
  zip.end();
  yield* ready.splice(0);
}
