/**
 * What runs in a worker thread: one document at a time. Faults go back as data, since a class does
 * not survive the way between threads; anything else that is thrown says nothing but its kind.
 */
import type { MessagePort } from 'node:worker_threads';
import { Fault, type FaultCode } from '../../../kernel/fault.ts';
import type { Progress } from '../document.ts';
import { configureOcr, type OcrSettings } from '../formats/image/ocr/reader.ts';
import { countPages, examine, type RedactOptions, redactDocument } from '../redact.ts';

export interface Task {
  kind: 'count' | 'examine' | 'redact';
  bytes: Uint8Array;
  fileName: string;
  options: RedactOptions;
  ocr?: OcrSettings;
  /** Hears of pages done. */
  port?: MessagePort;
}

const KINDS = { count: countPages, examine, redact: redactDocument };

export type Outcome =
  | { result: unknown }
  | { fault: { code: FaultCode; message: string; internal?: string } };

export default async function work({
  kind,
  bytes,
  fileName,
  options,
  ocr,
  port,
}: Task): Promise<Outcome> {
  if (ocr) configureOcr(ocr);
  const onProgress = port && ((progress: Progress) => port.postMessage(progress));
  const all = { ...options, onProgress };
  try {
    return { result: await KINDS[kind](bytes, fileName, all) };
  } catch (error) {
    return { fault: faultOf(error) };
  } finally {
    port?.close();
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
