/**
 * What runs in a worker process: one document at a time. Faults go back as data, since a class does
 * not survive the way between processes; anything else that is thrown says nothing but its kind.
 */
import { Worker } from 'node:worker_threads';
import { Fault, type FaultCode } from '../../../kernel/fault.ts';
import { configureModel, modelBytes, problemOfModel } from '../detect/model/model.ts';
import type { Progress } from '../document.ts';
import { configureOcr, type OcrSettings } from '../formats/image/ocr/reader.ts';
import { countPages, examine, type RedactOptions, redactDocument } from '../redact.ts';

export interface Task {
  /** `prove`: tells what is wrong with the model; the document is none. */
  kind: 'count' | 'examine' | 'redact' | 'prove';
  bytes: Uint8Array;
  fileName: string;
  options: RedactOptions;
  ocr?: OcrSettings;
  /** Folder of the model that finds names beside the tagger. */
  modelDir?: string;
}

export type Outcome =
  | { result: unknown }
  | { fault: { code: FaultCode; message: string; internal?: string } };

/** `keptBytes`: the memory of the process after the document, without its model. */
export type Said = { progress: Progress } | { outcome: Outcome; keptBytes: number };

const KINDS = { count: countPages, examine, redact: redactDocument, prove: problemOfModel };

const say = (said: Said) => void process.send?.(said);

async function work({ kind, bytes, fileName, options, ocr, modelDir }: Task): Promise<Outcome> {
  if (ocr) configureOcr(ocr);
  configureModel(modelDir);
  const onProgress = (progress: Progress) => say({ progress });
  try {
    return { result: await KINDS[kind](bytes, fileName, { ...options, onProgress }) };
  } catch (error) {
    return { fault: faultOf(error) };
  }
}

/** An error's own message may quote the document, so only its name and place are kept. */
function faultOf(error: unknown): { code: FaultCode; message: string; internal?: string } {
  if (error instanceof Fault) {
    const { code, message, internal } = error;
    return { code, message, internal };
  }
  const { name = 'Error', stack = '' } = error instanceof Error ? error : {};
  const places = stack.split('\n').filter((line) => /^\s{1,8}at /.test(line));
  return {
    code: 'unreadable_file',
    message:
      'The file cannot be processed: it is damaged, or built in a way that is not supported.',
    internal: [name, ...places.slice(0, 6)].join('\n'),
  };
}

// Whoever ends the server by its terminal or its service manager means the server, which decides
// about its workers.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {});
process.on('disconnect', () => process.exit());
process.on('message', async (task: Task) => {
  const outcome = await work(task);
  say({ outcome, keptBytes: process.memoryUsage.rss() - modelBytes() });
});
// Neither happens here while a document is being worked on: a thread of its own looks.
new Worker(new URL('./watch.ts', import.meta.url), {
  workerData: { server: process.ppid, memoryMb: Number(process.argv[2]) },
  execArgv: [],
}).unref();
