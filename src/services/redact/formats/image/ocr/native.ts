/**
 * Tesseract as it is installed on the machine: a process a picture, with bounds of time and output.
 * The picture goes in and hOCR comes out by pipes: nothing is written to the disk.
 */
import { spawn } from 'node:child_process';
import { Fault } from '../../../../../kernel/fault.ts';
import { readHocr } from './hocr.ts';
import type { OcrSettings, Reader } from './reader.ts';

const PROGRAM = 'tesseract';
const TIMEOUT_MS = 90_000;
/** A page in hOCR with a box a letter has some hundred kilobytes. */
const MOST_BYTES = 64 * 1024 * 1024;

/** Null where it is not installed, is older than 4, or lacks a language. */
export async function nativeReader({ languages, dataDir }: OcrSettings): Promise<Reader | null> {
  const data = dataDir ? ['--tessdata-dir', dataDir] : [];
  const version = await output(['--version']);
  if (!/^tesseract v?(?:[4-9]|\d\d)\./m.test(version ?? '')) return null;
  const known = (await output(['--list-langs', ...data]))?.split(/\s+/) ?? [];
  if (!languages.every((language) => known.includes(language))) return null;
  const options = ['stdin', 'stdout', '-l', languages.join('+'), ...data, '--dpi', '300'];
  const wanted = ['-c', 'tessedit_create_hocr=1', '-c', 'hocr_char_boxes=1'];
  return {
    async recognise(png) {
      const hocr = await output([...options, ...wanted], png);
      if (hocr === null) {
        throw new Fault('unreadable_file', 'The words in a picture could not be read.', {
          internal: 'tesseract failed or took too long',
        });
      }
      return readHocr(hocr);
    },
  };
}

/** What it writes to standard output; null where it fails, cannot be started, or is too slow. */
function output(parameters: readonly string[], input?: Buffer): Promise<string | null> {
  return new Promise((resolve) => {
    const child = spawn(PROGRAM, parameters, {
      stdio: ['pipe', 'pipe', 'ignore'],
      timeout: TIMEOUT_MS,
      killSignal: 'SIGKILL',
    });
    const pieces: Buffer[] = [];
    let sizeBytes = 0;
    child.stdout.on('data', (piece: Buffer) => {
      sizeBytes += piece.length;
      if (sizeBytes > MOST_BYTES) child.kill('SIGKILL');
      else pieces.push(piece);
    });
    // It may end before it has read everything.
    child.stdin.on('error', () => {});
    child.stdin.end(input);
    child.on('error', () => resolve(null));
    child.on('close', (code) =>
      resolve(code === 0 ? Buffer.concat(pieces).toString('utf8') : null),
    );
  });
}
