/**
 * Old Excel files: read for their values, which go into a new xlsx; nothing else of the old file
 * comes along. What is found is found in that xlsx, and it is what is given out.
 */
import { read, write } from '@e965/xlsx';
import { Fault } from '../../../../kernel/fault.ts';
import type { Format } from '../../document.ts';
import { xlsx } from './office.ts';

/** The head of an OLE compound file (MS-CFB 2.2). */
const COMPOUND = Buffer.from('d0cf11e0a1b11ae1', 'hex');
/** Name of the stream that makes it a workbook, in UTF-16. */
const WORKBOOK = [Buffer.from('Workbook', 'utf16le'), Buffer.from('Book\0', 'utf16le')];

export function isXls(bytes: Uint8Array): boolean {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return view.subarray(0, 8).equals(COMPOUND) && WORKBOOK.some((name) => view.includes(name));
}

export const xls: Format = {
  ...xlsx,
  kind: 'xls',
  open: (bytes, options) => xlsx.open(isXls(bytes) ? asXlsx(bytes) : bytes, options),
};

function asXlsx(bytes: Uint8Array): Uint8Array {
  const { error } = console;
  // The library writes of each record that it does not know: a damaged file would flood the log.
  console.error = () => {};
  try {
    // Without a password: the library knows the oldest cipher only, and not every record under it.
    const workbook = read(bytes, { type: 'array', bookVBA: false, cellFormula: false });
    delete workbook.Props;
    delete workbook.Custprops;
    return new Uint8Array(write(workbook, { type: 'array', bookType: 'xlsx' }) as ArrayBuffer);
  } catch (cause) {
    const isLocked = /password/i.test((cause as Error).message);
    throw new Fault(
      'unreadable_file',
      isLocked
        ? 'Encrypted xls files do not open here, with or without their password. Save it as xlsx.'
        : 'The workbook is damaged, or of a kind that is not supported.',
    );
  } finally {
    console.error = error;
  }
}
