/** Jobs as they go over the wire. */
import type { DocumentRow, JobRow } from '../store.ts';

/** As the original writes moments: whole seconds, UTC. */
export function moment(date: Date): string {
  return date.toISOString().replace(/\.\d{3}Z$/, 'Z');
}

export function jobHead(job: JobRow) {
  const { id, status, progress, framework, method, documentCount, estimatedCredits, error } = job;
  return {
    ...{ id, status, progress, framework, method, documentCount, estimatedCredits, error },
    createdAt: moment(job.createdAt),
    completedAt: job.completedAt && moment(job.completedAt),
    expiresAt: moment(job.expiresAt),
  };
}

export function jobResult(jobId: string, documents: readonly DocumentRow[]) {
  const done = documents.filter(({ status }) => status === 'completed');
  const sum = (of: (document: DocumentRow) => number | null) =>
    done.reduce((total, document) => total + (of(document) ?? 0), 0);
  return {
    totalItemsDetected: sum(({ itemsDetected }) => itemsDetected),
    totalItemsProcessed: sum(({ itemsProcessed }) => itemsProcessed),
    totalCreditsUsed: sum(({ credits }) => credits),
    documents: done.map((document) => ({
      id: document.id,
      originalName: document.originalName,
      processedName: document.processedName ?? document.originalName,
      downloadUrl: `/api/v1/jobs/${jobId}/download?documentId=${document.id}`,
      itemsProcessed: document.itemsProcessed ?? 0,
      creditsUsed: document.credits ?? 0,
      certificate: document.certificate,
    })),
  };
}
