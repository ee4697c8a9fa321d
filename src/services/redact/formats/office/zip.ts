/**
 * Zip archives (APPNOTE 6.3.10) as office files are: read with every size checked against what comes
 * out, written with unchanged entries copied as they were compressed. Names, times, comments and
 * extra fields of the archive itself carry nothing over.
 */
import { crc32, deflateRawSync, inflateRawSync } from 'node:zlib';
import { Fault } from '../../../../kernel/fault.ts';

export interface ZipEntry {
  name: string;
  /** As it lies in the archive. */
  stored: Uint8Array;
  method: 0 | 8;
  sizeBytes: number;
  crc: number;
}

const END_RECORD = 0x06054b50;
const CENTRAL = 0x02014b50;
const LOCAL = 0x04034b50;
const MOST_ENTRIES = 10_000;
const MOST_BYTES = 400 * 1024 * 1024;
/** Flags that change what the bytes mean: encrypted, patched, strongly encrypted, hidden names. */
const STRANGE_FLAGS = 0x0001 | 0x0020 | 0x0040 | 0x2000;

/** Fault `unreadable_file` where the archive is broken, lies, or is too much. */
export function readZip(bytes: Uint8Array): ZipEntry[] {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const end = findEnd(view);
  const count = view.readUInt16LE(end + 10);
  let at = view.readUInt32LE(end + 16);
  if (count === 0 || count > MOST_ENTRIES) throw broken('has an impossible number of parts');
  const entries: ZipEntry[] = [];
  const names = new Set<string>();
  let total = 0;
  for (let i = 0; i < count; i++) {
    if (at + 46 > view.length || view.readUInt32LE(at) !== CENTRAL) throw broken('is broken');
    const [nameBytes, extraBytes, commentBytes] = [28, 30, 32].map((offset) =>
      view.readUInt16LE(at + offset),
    );
    const entry = readEntry(view, at, nameBytes ?? 0);
    total += entry.sizeBytes;
    if (total > MOST_BYTES) throw broken('unfolds to more than 400 MB');
    const key = entry.name.toLowerCase();
    if (names.has(key)) throw broken('has two parts of one name');
    names.add(key);
    if (!entry.name.endsWith('/')) entries.push(entry);
    at += 46 + (nameBytes ?? 0) + (extraBytes ?? 0) + (commentBytes ?? 0);
  }
  return entries;
}

function findEnd(view: Buffer): number {
  const from = Math.max(0, view.length - 65_557);
  for (let at = view.length - 22; at >= from; at--) {
    if (view.readUInt32LE(at) === END_RECORD) return at;
  }
  throw broken('is cut off');
}

function readEntry(view: Buffer, at: number, nameBytes: number): ZipEntry {
  const method = view.readUInt16LE(at + 10);
  const crc = view.readUInt32LE(at + 16);
  const storedBytes = view.readUInt32LE(at + 20);
  const sizeBytes = view.readUInt32LE(at + 24);
  const local = view.readUInt32LE(at + 42);
  const name = view.toString('utf8', at + 46, at + 46 + nameBytes);
  if (view.readUInt16LE(at + 8) & STRANGE_FLAGS) throw broken('is encrypted');
  if (method !== 0 && method !== 8) throw broken('is compressed in a way that is not supported');
  if (/^[/\\]|\.\.|\\|\0|:/.test(name)) throw broken('has a part with an impossible name');
  if (local + 30 > view.length || view.readUInt32LE(local) !== LOCAL) throw broken('is broken');
  const start = local + 30 + view.readUInt16LE(local + 26) + view.readUInt16LE(local + 28);
  if (start + storedBytes > view.length) throw broken('is cut off');
  return { name, stored: view.subarray(start, start + storedBytes), method, sizeBytes, crc };
}

/** The content of an entry. Fault `unreadable_file` where it is not what the archive says. */
export function unpack({ stored, method, sizeBytes, crc }: ZipEntry): Buffer {
  let content: Buffer;
  try {
    content =
      method === 0
        ? Buffer.from(stored)
        : inflateRawSync(stored, { maxOutputLength: Math.max(sizeBytes, 1) });
  } catch {
    throw broken('lies about the size of a part, or is broken');
  }
  if (content.length !== sizeBytes || crc32(content) !== crc) throw broken('is damaged');
  return content;
}

export function pack(name: string, content: Uint8Array): ZipEntry {
  const stored = deflateRawSync(content);
  return { name, stored, method: 8, sizeBytes: content.length, crc: crc32(content) };
}

/** 1 January 1980, the first day that a zip knows. */
const NO_DATE = 0x0021;

export function writeZip(entries: readonly ZipEntry[]): Buffer {
  const pieces: Buffer[] = [];
  const central: Buffer[] = [];
  let offset = 0;
  for (const { name, stored, method, sizeBytes, crc } of entries) {
    const encoded = Buffer.from(name, 'utf8');
    const facts = Buffer.alloc(26);
    facts.writeUInt16LE(20, 0);
    facts.writeUInt16LE(0x0800, 2); // names are UTF-8
    facts.writeUInt16LE(method, 4);
    facts.writeUInt16LE(NO_DATE, 8);
    facts.writeUInt32LE(crc, 10);
    facts.writeUInt32LE(stored.length, 14);
    facts.writeUInt32LE(sizeBytes, 18);
    facts.writeUInt16LE(encoded.length, 22);
    const rest = Buffer.alloc(14);
    rest.writeUInt32LE(offset, 10);
    pieces.push(signature(LOCAL), facts, encoded, Buffer.from(stored));
    central.push(signature(CENTRAL), Buffer.from([20, 0]), facts, rest, encoded);
    offset += 30 + encoded.length + stored.length;
  }
  const directory = Buffer.concat(central);
  const end = Buffer.alloc(18);
  end.writeUInt16LE(entries.length, 4);
  end.writeUInt16LE(entries.length, 6);
  end.writeUInt32LE(directory.length, 8);
  end.writeUInt32LE(offset, 12);
  return Buffer.concat([...pieces, directory, signature(END_RECORD), end]);
}

function signature(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

function broken(what: string): Fault {
  return new Fault('unreadable_file', `The file ${what}.`);
}
